import type { Context, SQSBatchResponse, SQSRecord } from "aws-lambda";
import { isFifoName } from "../../contracts/fifo.ts";
import type { ConsumerContext } from "../record/consumer-context.ts";
import { handleGroups } from "./fifo-groups.ts";
import { withinInvocation } from "./invocation.ts";
import { handleEach } from "./standard-records.ts";

/** Handles the records of an invocation, and reports those that stay in the queue as batch item failures. */
export function handleBatch(
  context: ConsumerContext,
  records: readonly SQSRecord[],
  lambda: Pick<Context, "getRemainingTimeInMillis">,
): Promise<SQSBatchResponse> {
  return withinInvocation(context, lambda, async (invocation) => {
    const failed = isFifo(records) ? await handleGroups(invocation, records) : await handleEach(invocation, records);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
}

function isFifo([first]: readonly SQSRecord[]): boolean {
  return first !== undefined && isFifoName(first.eventSourceARN);
}
