import { AwsError } from "../../../../shared/aws-error.ts";
import type { Input } from "../../../protocols/input.ts";

/** SQS API reference, each batch action. */
const MOST_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

export interface Entry {
  readonly id: string;
  readonly input: Input;
}

/** The entries of a batch. @throws AwsError where there are none or too many, or where their ids are not fit */
export function entriesOf(input: Input, action: string): Entry[] {
  const entries = input.structures("Entries").map((entry) => ({ id: entry.text("Id"), input: entry }));
  if (entries.length === 0) {
    throw new AwsError("EmptyBatchRequest", `There should be at least one ${action}RequestEntry in the request.`);
  }
  if (entries.length > MOST_ENTRIES) {
    const message = `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`;
    throw new AwsError("TooManyEntriesInBatchRequest", message);
  }
  const seen = new Set<string>();
  for (const { id } of entries) {
    if (!ENTRY_ID.test(id)) {
      const message =
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
      throw new AwsError("InvalidBatchEntryId", message);
    }
    if (seen.has(id)) throw new AwsError("BatchEntryIdsNotDistinct", `Id ${id} repeated.`);
    seen.add(id);
  }
  return entries;
}

/** Does something with each entry. One that is refused does not keep the others from succeeding. */
export function eachEntry(entries: readonly Entry[], work: (entry: Entry) => Record<string, unknown>): Record<string, unknown> {
  const successful: unknown[] = [];
  const failed: unknown[] = [];
  for (const entry of entries) {
    try {
      successful.push({ Id: entry.id, ...work(entry) });
    } catch (thrown) {
      if (!(thrown instanceof AwsError)) throw thrown;
      const { code, message, status } = thrown;
      failed.push({ Id: entry.id, SenderFault: status < 500, Code: code, Message: message });
    }
  }
  // An empty list is left out, as AWS does.
  return { ...(successful.length > 0 && { Successful: successful }), ...(failed.length > 0 && { Failed: failed }) };
}
