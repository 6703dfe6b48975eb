import {
  DeleteMessageCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { isForLetters, PREFIX, queueName, serviceOfLetters } from "./check/read-world.ts";
import { clientSettings } from "./client-settings.ts";

/** Rounds after which a letter that is still dead is left there, to be found. */
const ROUNDS = 5;

/**
 * Sends every dead letter back to its own service, as an operator would, until none is left.
 *
 * @param settle resolves when the services have come to rest again
 * @returns how many were sent back
 */
export async function redriveAll(endpoint: string, settle: () => Promise<void>): Promise<number> {
  const sqs = new SQSClient({ ...clientSettings(endpoint), maxAttempts: 3 });
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: PREFIX }));
  const letterQueues = QueueUrls.filter((url) => isForLetters(queueName(url)));
  let redriven = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const before = redriven;
    for (const url of letterQueues) {
      const home = QueueUrls.find((it) => queueName(it) === `${PREFIX}${serviceOfLetters(queueName(url))}`);
      redriven += await redrive(sqs, url, home);
    }
    if (redriven === before) break;
    await settle();
  }
  return redriven;
}

async function redrive(sqs: SQSClient, from: string, to: string | undefined): Promise<number> {
  for (let count = 0; ;) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: from, MaxNumberOfMessages: 10 }));
    if (!Messages || Messages.length === 0) return count;
    for (const { Body, ReceiptHandle } of Messages) {
      await sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: Body }));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle }));
      count++;
    }
  }
}
