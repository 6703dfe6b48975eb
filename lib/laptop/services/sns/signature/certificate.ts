import { type KeyObject, randomBytes, sign } from "node:crypto";
import { bitString, nothing, objectIdentifier, sequence, set, tagged, utcTime, utf8String } from "./der.ts";

/** sha256WithRSAEncryption, 1.2.840.113549.1.1.11 */
const SHA256_WITH_RSA = sequence(objectIdentifier(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), nothing);
/** commonName, 2.5.4.3 */
const COMMON_NAME = objectIdentifier(0x55, 0x04, 0x03);
const VERSION_3 = tagged(0xa0, tagged(0x02, Buffer.from([2])));

const DAY_MILLISECONDS = 24 * 60 * 60 * 1_000;

/** A self-signed X.509 certificate of a key pair, as PEM, good for a year from yesterday on. RFC 5280 */
export function selfSignedCertificate(commonName: string, keys: { publicKey: KeyObject; privateKey: KeyObject }): string {
  const name = sequence(set(sequence(COMMON_NAME, utf8String(commonName))));
  const yesterday = Date.now() - DAY_MILLISECONDS;
  const certificate = sequence(
    VERSION_3,
    // The first byte is below 0x80, and not 0: integers are signed, and of the fewest bytes.
    tagged(0x02, Buffer.from([0x5a]), randomBytes(15)),
    SHA256_WITH_RSA,
    name,
    sequence(utcTime(new Date(yesterday)), utcTime(new Date(yesterday + 366 * DAY_MILLISECONDS))),
    name,
    keys.publicKey.export({ type: "spki", format: "der" }),
  );
  const signed = sequence(certificate, SHA256_WITH_RSA, bitString(sign("sha256", certificate, keys.privateKey)));
  const lines = signed.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
