import { inflateRawSync } from "node:zlib";
import { DICTIONARY } from "#lib/runtime/inbox/packed-events.ts";

/** Outgoing events as an inbox has them, a list or packed, by our own reading of it. */
export function unpacked(outgoing: unknown): unknown {
  if (typeof outgoing !== "string") return outgoing;
  return JSON.parse(inflateRawSync(Buffer.from(outgoing, "base64"), { dictionary: DICTIONARY }).toString());
}
