import { AwsError } from "../../../../shared/aws-error.ts";
import type { Input } from "../../../protocols/input.ts";
import type { Queue } from "../../engine/queue.ts";
import { eachEntry, entriesOf } from "./batch.ts";
import { invalidValue } from "../refusals.ts";

/** SQS API reference, ChangeMessageVisibility: 12 hours. */
const LONGEST_VISIBILITY_SECONDS = 43_200;

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
    case "done":
      return {};
  }
}

export function deleteMessageBatch(queue: Queue, input: Input): Record<string, unknown> {
  return eachEntry(entriesOf(input, "DeleteMessageBatch"), (entry) => deleteMessage(queue, entry.input));
}

export function changeMessageVisibilityBatch(queue: Queue, input: Input): Record<string, unknown> {
  const entries = entriesOf(input, "ChangeMessageVisibilityBatch");
  return eachEntry(entries, (entry) => changeMessageVisibility(queue, entry.input));
}

function invalidHandle(handle: string): AwsError {
  return new AwsError("ReceiptHandleIsInvalid", `The input receipt handle "${handle}" is not a valid receipt handle.`);
}
