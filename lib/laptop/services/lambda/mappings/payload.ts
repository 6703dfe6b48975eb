import type { ReceivedMessage } from "../../source-queue.ts";

/** Payload of one synchronous invocation. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const PAYLOAD_BYTES = 6 * 1024 * 1024;

/** About what a record weighs besides its body: handle, attributes, names of fields. */
const RECORD_BYTES = 1024;

/** Whether the messages fill one invocation's payload. */
export function fillsPayload(messages: readonly ReceivedMessage[]): boolean {
  return messages.reduce((bytes, message) => bytes + recordBytes(message), 0) >= PAYLOAD_BYTES;
}

/** Cuts messages into runs that fit into one payload each, in their order; nearly always there is one. */
export function cutIntoPayloads(messages: readonly ReceivedMessage[]): ReceivedMessage[][] {
  const payloads: ReceivedMessage[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    bytes += recordBytes(message);
    const current = payloads.at(-1);
    if (current !== undefined && bytes <= PAYLOAD_BYTES) {
      current.push(message);
    } else {
      payloads.push([message]);
      bytes = recordBytes(message);
    }
  }
  return payloads;
}

function recordBytes(message: ReceivedMessage): number {
  return Buffer.byteLength(message.body) + RECORD_BYTES;
}
