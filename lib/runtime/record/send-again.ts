import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { loadSqs } from "../lambda/clients.ts";
import { acknowledge } from "./acknowledge.ts";
import { ATTEMPTS_ATTRIBUTE } from "../attempts/attempts.ts";
import { toError } from "../errors.ts";
import type { InvocationContext } from "./consumer-context.ts";

/**
 * Sends a message of a standard queue to that queue again, and only then deletes it: if the process ends in between, there are
 * two messages of one event, and the inbox lets one of them take effect. While it waits it is not in flight, of which a queue
 * has about 120,000 (AWSSimpleQueueService, "Message quotas"), and its receives begin anew.
 *
 * @param carried the attempts, as text
 * @param delaySeconds until it can be received, at most 900
 * @throws what SQS throws; the message is then still in the queue as it was.
 */
export async function sendAgain(
  context: InvocationContext,
  record: SQSRecord,
  carried: string,
  delaySeconds: number,
): Promise<void> {
  const { MessageGroupId, AWSTraceHeader } = record.attributes;
  const { SendMessageCommand } = await loadSqs();
  await context.settling.sqs.send(
    new SendMessageCommand({
      QueueUrl: context.config.queueUrl,
      MessageBody: record.body,
      DelaySeconds: delaySeconds,
      MessageAttributes: { ...attributesOf(record), [ATTEMPTS_ATTRIBUTE]: { DataType: "String", StringValue: carried } },
      // The tenant, for fair queues.
      ...(MessageGroupId !== undefined && { MessageGroupId }),
      ...(AWSTraceHeader !== undefined && {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: AWSTraceHeader } },
      }),
    }),
  );
  // The mapping deletes it when the invocation returns; until then a crash of the process would bring it back.
  await acknowledge(context, [record]).catch((error: unknown) => {
    context.log.warn("message sent again, but not deleted yet", { messageId: record.messageId, error: toError(error) });
  });
}

/** The record's message attributes, in the form in which SQS takes them. */
function attributesOf({ messageAttributes }: SQSRecord): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(messageAttributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue !== undefined && { StringValue: stringValue }),
        ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, "base64") }),
      },
    ]),
  );
}
