import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { selfSignedCertificate } from "./certificate.ts";

/** As AWS's keys are. */
const KEY_BITS = 2_048;

/** The fields that are signed, of notifications and of messages that ask for a confirmation, in this order. */
const SIGNED_FIELDS = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const;

export type SignedFields = Readonly<Partial<Record<(typeof SIGNED_FIELDS)[number], string>>>;

/** SignatureVersion of a topic: SHA-1 (1) or SHA-256 (2). */
export type SignatureVersion = "1" | "2";

/** Signs what SNS sends, with a key that it makes when the first message needs it. sns/latest/dg/sns-verify-signature-of-message */
export class Signer {
  #made: { readonly privateKey: KeyObject; readonly certificate: string; readonly file: string } | undefined;

  /** PEM. */
  get certificate(): string {
    return this.#keys.certificate;
  }

  /** What the certificate is called: `SimpleNotificationService-<digest>.pem`. */
  get certificateFile(): string {
    return this.#keys.file;
  }

  /** In base64. */
  sign(fields: SignedFields, version: SignatureVersion): string {
    let text = "";
    for (const name of SIGNED_FIELDS) if (fields[name] !== undefined) text += `${name}\n${fields[name]}\n`;
    return sign(version === "2" ? "sha256" : "sha1", Buffer.from(text), this.#keys.privateKey).toString("base64");
  }

  get #keys() {
    if (this.#made) return this.#made;
    const keys = generateKeyPairSync("rsa", { modulusLength: KEY_BITS });
    const certificate = selfSignedCertificate("sns.amazonaws.com", keys);
    const digest = createHash("sha256").update(certificate).digest("hex").slice(0, 32);
    return (this.#made = { privateKey: keys.privateKey, certificate, file: `SimpleNotificationService-${digest}.pem` });
  }
}
