import type { Input } from "../../../protocols/input.ts";
import type { Queue } from "../../engine/queue.ts";
import { invalidHandle, invalidValue } from "../refusals.ts";
import { eachEntry, entriesOf } from "./batch.ts";

export function deleteMessage(queue: Queue, input: Input): Record<string, unknown> {
  const handle = input.text("ReceiptHandle");
  switch (queue.delete(handle)) {
    case "invalid":
      throw invalidHandle(handle);
    case "expired":
      throw invalidValue(handle, "ReceiptHandle", "The receipt handle has expired.");
    case "no such message":
    case "done":
      return {};
  }
}

export function deleteMessageBatch(queue: Queue, input: Input): Record<string, unknown> {
  return eachEntry(entriesOf(input, "DeleteMessageBatch"), (entry) => deleteMessage(queue, entry.input));
}
