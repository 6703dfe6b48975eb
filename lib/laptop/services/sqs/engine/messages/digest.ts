import { hash } from "node:crypto";
import type { MessageAttributes } from "../../../delivery.ts";

export function md5(text: string): string {
  return hash("md5", text);
}

const STRING = Buffer.of(1);
const BINARY = Buffer.of(2);

/**
 * The digest of message attributes; undefined where there are none. AWSSimpleQueueService, "Calculating the MD5 message digest for message
 * attributes"
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes);
  if (names.length === 0) return undefined;
  const parts = names.toSorted().flatMap((name) => {
    const { DataType = "", StringValue, BinaryValue = "" } = attributes[name] ?? {};
    const isText = StringValue !== undefined;
    const value = isText ? Buffer.from(StringValue) : Buffer.from(BinaryValue, "base64");
    return [
      ...withLength(Buffer.from(name)),
      ...withLength(Buffer.from(DataType)),
      isText ? STRING : BINARY,
      ...withLength(value),
    ];
  });
  return hash("md5", Buffer.concat(parts));
}

function withLength(bytes: Buffer): [Buffer, Buffer] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
