import { ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { type DeadLetter, letterOf } from "./letter.ts";
import type { LetterQueue } from "./queues.ts";

/**
 * Receives up to ten letters. Not cancelled by a signal: letters received by then would stay hidden.
 *
 * @param seconds how long they are hidden
 * @param onLost called when an attempt had no answer: SQS may have hidden ten letters that nobody has got
 */
export async function receiveBatch(
  sqs: Pick<SQSClient, "send">,
  queue: LetterQueue,
  seconds: number,
  onLost: () => void,
): Promise<DeadLetter[]> {
  const isFifo = isFifoName(queue.name);
  const command = new ReceiveMessageCommand({
    QueueUrl: queue.url,
    MaxNumberOfMessages: BATCH_ENTRIES,
    VisibilityTimeout: seconds,
    WaitTimeSeconds: queue.waitSeconds,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["All"],
    // A further attempt gets what the first one hid. AWSSimpleQueueService, ReceiveMessage
    ...(isFifo && { ReceiveRequestAttemptId: crypto.randomUUID() }),
  });
  if (!isFifo)
    command.middlewareStack.add(watchAttempts(onLost), { step: "deserialize", priority: "high", name: "lostAnswers" });
  const { Messages = [] } = await sqs.send(command);
  return Messages.flatMap((message) => letterOf(message, queue) ?? []);
}

const answered = v.object({ $metadata: v.object({ httpStatusCode: v.pipe(v.number(), v.maxValue(499)) }) });

/** Inside of the SDK's retries, it meets each attempt. */
function watchAttempts(onLost: () => void) {
  return <Args, Result>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      try {
        return await next(args);
      } catch (error) {
        if (!v.is(answered, error)) onLost();
        throw error;
      }
    };
}
