import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const queue = new SQSClient();

/** Tells a FIFO queue of each change of an order, in order; one that cannot be told holds up those that follow. */
export const handler = async ({ Records }) => {
  for (const { eventID, dynamodb } of Records) {
    try {
      await queue.send(new SendMessageCommand(messageOf(eventID, dynamodb)));
    } catch {
      return { batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }] };
    }
  }
  return { batchItemFailures: [] };
};

function messageOf(eventID, { Keys, NewImage }) {
  return {
    QueueUrl: process.env.QUEUE_URL,
    MessageGroupId: Keys.orderId.S,
    MessageDeduplicationId: eventID,
    MessageBody: JSON.stringify({ orderId: Keys.orderId.S, state: NewImage.state.S }),
  };
}
