import { AwsError } from "./errors.ts";
import type { Environment } from "./environment.ts";

/** The longest delay of a message; a FIFO queue's messages have none of their own. API_SendMessage */
const MOST_DELAY_MILLISECONDS = 15 * 60 * 1_000;

/** The input of the runtime's calls to SQS, as far as the simulation reads it. */
interface QueueInput {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout: number;
  readonly Entries: readonly { readonly Id: string; readonly ReceiptHandle: string }[];
}

/** Carries out a call to SQS. @throws AwsError as SQS answers it */
export function answerQueueCall({ world, service }: Environment, operation: string, given: unknown): unknown {
  const { faults, checks } = world;
  if (faults.happens("queue.call-throttled")) throw new AwsError("RequestThrottled", "slow down", true);
  if (faults.happens("queue.call-failed")) throw new AwsError("InternalError", "internal error", true);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulation reads what the runtime writes
  const input = given as QueueInput;
  const queue = world.queue(input.QueueUrl);
  switch (operation) {
    case "SendMessage": {
      const attributes = Object.fromEntries(
        Object.entries(input.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue ?? ""]),
      );
      if (Object.keys(attributes).length > 10) throw new AwsError("InvalidParameterValue", "more than ten attributes");
      const { MessageBody: body, MessageGroupId: group, MessageDeduplicationId: deduplicationId } = input;
      if (queue.rules.fifo && (!group || !deduplicationId))
        throw new AwsError("MissingParameter", "group and deduplication ids");
      const delay = (input.DelaySeconds ?? 0) * 1_000;
      if (delay < 0 || delay > MOST_DELAY_MILLISECONDS || (queue.rules.fifo && delay > 0))
        throw new AwsError("InvalidParameterValue", "the delay");
      const message = queue.send({ body, group, deduplicationId, origin: "runtime", attributes }, delay);
      if (queue === world.queuesOf.get(service)?.queue) checks.sentAgain(service, message);
      else checks.deadLettered(service, message);
      return { MessageId: message.messageId };
    }
    case "ChangeMessageVisibility":
      queue.changeVisibility(input.ReceiptHandle, input.VisibilityTimeout * 1_000);
      return {};
    case "DeleteMessageBatch":
      for (const { ReceiptHandle } of input.Entries) {
        const message = queue.find(ReceiptHandle);
        if (message) checks.acknowledged(service, message);
        queue.delete(ReceiptHandle);
      }
      return { Successful: input.Entries.map(({ Id }) => ({ Id })), Failed: [] };
    default:
      throw new Error(`the simulation's SQS knows no ${operation}`);
  }
}
