import { ChangeMessageVisibilityBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import type { LetterQueue } from "./queues.ts";

/** Concurrent calls that return letters. */
const RELEASES_AT_ONCE = 8;

/** What SQS says of an entry whose letter is visible already, or gone. AWSSimpleQueueService, ChangeMessageVisibility, "Errors" */
const NOT_IN_FLIGHT = /MessageNotInflight|ReceiptHandleIsInvalid|InvalidParameterValue/;

/** Makes letters visible again; returns how many could not be. @param receiptHandles in the order in which they were received */
export async function putBack(
  sqs: Pick<SQSClient, "send">,
  queue: Pick<LetterQueue, "name" | "url">,
  receiptHandles: readonly string[],
): Promise<number> {
  // The last one first, so that a FIFO queue never sees a later letter without the earlier ones.
  const handles = receiptHandles.toReversed();
  const batches = Array.from({ length: Math.ceil(handles.length / BATCH_ENTRIES) }, (_, index) =>
    handles.slice(index * BATCH_ENTRIES, (index + 1) * BATCH_ENTRIES),
  );
  const hidden = await mapLimited(batches, isFifoName(queue.name) ? 1 : RELEASES_AT_ONCE, async (batch) => {
    const failed = await putBackBatch(sqs, queue.url, batch);
    return (failed.length > 0 ? await putBackBatch(sqs, queue.url, failed) : failed).length;
  });
  return hidden.reduce((sum, count) => sum + count, 0);
}

/** The receipt handles of one batch whose letters are still hidden. */
async function putBackBatch(sqs: Pick<SQSClient, "send">, QueueUrl: string, batch: readonly string[]): Promise<string[]> {
  const Entries = batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
  try {
    const { Failed = [] } = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    return Failed.flatMap(({ Id, Code = "" }) => (NOT_IN_FLIGHT.test(Code) ? [] : (batch[Number(Id)] ?? [])));
  } catch {
    return [...batch];
  }
}
