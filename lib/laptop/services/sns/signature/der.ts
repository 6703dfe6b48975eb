/*
 * The few lines of DER that a self-signed certificate takes: node:crypto reads X.509, and does not write it. ITU-T X.690.
 */

const SEQUENCE = 0x30;
const SET = 0x31;

/** A value with its tag and length. */
export function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return tagged(SEQUENCE, ...contents);
}

export function set(...contents: readonly Uint8Array[]): Buffer {
  return tagged(SET, ...contents);
}

/** Bits, a whole number of bytes. */
export function bitString(bytes: Uint8Array): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes);
}

export function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text));
}

/** UTCTime, for the years to 2049. */
export function utcTime(time: Date): Buffer {
  const digits = time.toISOString().replace(/\D/g, "").slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

/** An object identifier by its encoded bytes. */
export function objectIdentifier(...bytes: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from(bytes));
}

export const nothing = tagged(0x05);

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}
