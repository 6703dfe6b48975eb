import type { SQSRecord } from "aws-lambda";
import { loadSqs } from "../lambda/clients.ts";
import type { InvocationContext } from "./consumer-context.ts";

/**
 * Deletes finished records from the queue before the invocation returns. If the process crashes later in the batch, Lambda
 * gets no response, and SQS would deliver them again.
 *
 * @throws Error when SQS does not confirm each.
 */
export async function acknowledge(
  { config, settling }: Pick<InvocationContext, "config" | "settling">,
  records: readonly SQSRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const { DeleteMessageBatchCommand } = await loadSqs();
  const { Failed = [] } = await settling.sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl: config.queueUrl,
      Entries: records.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle })),
    }),
  );
  const [first] = Failed;
  if (first)
    throw new Error(`${Failed.length} of ${records.length} messages are not deleted: ${first.Code} ${first.Message ?? ""}`);
}
