import type { Input } from "../../../protocols/input.ts";
import type { Queue } from "../../engine/queue.ts";
import { invalidHandle, invalidValue } from "../refusals.ts";
import { eachEntry, entriesOf } from "./batch.ts";

/** SQS API reference, ChangeMessageVisibility: 12 hours. */
const LONGEST_VISIBILITY_SECONDS = 43_200;

export function changeMessageVisibility(queue: Queue, input: Input): Record<string, unknown> {
  const handle = input.text("ReceiptHandle");
  const seconds = input.integer("VisibilityTimeout") ?? queue.settings.visibilityTimeoutSeconds;
  if (seconds < 0 || seconds > LONGEST_VISIBILITY_SECONDS) {
    throw invalidValue(seconds, "VisibilityTimeout", `Must be between 0 and ${LONGEST_VISIBILITY_SECONDS}.`);
  }
  switch (queue.changeVisibility(handle, seconds)) {
    case "invalid":
      throw invalidHandle(handle);
    case "expired":
    case "no such message": {
      const reason = "Message does not exist or is not available for visibility timeout change.";
      throw invalidValue(handle, "ReceiptHandle", reason);
    }
    case "too long": {
      const reason = `Total VisibilityTimeout for the message is beyond the limit [${LONGEST_VISIBILITY_SECONDS} seconds]`;
      throw invalidValue(seconds, "VisibilityTimeout", reason);
    }
    case "done":
      return {};
  }
}

export function changeMessageVisibilityBatch(queue: Queue, input: Input): Record<string, unknown> {
  const entries = entriesOf(input, "ChangeMessageVisibilityBatch");
  return eachEntry(entries, (entry) => changeMessageVisibility(queue, entry.input));
}
