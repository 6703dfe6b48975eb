import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

const { BILLS_TOPIC_ARN, CURRENCY, TABLE_NAME, RATES } = process.env;
const tables = new DynamoDBClient();
const topics = new SNSClient();

/** Writes a bill for each order, and tells a topic. */
export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    const { orderId, amount } = JSON.parse(body);
    const total = amount * (1 + Number(RATES.split(",")[0]) / 100);
    const Item = { orderId: { S: orderId }, total: { N: String(total) }, currency: { S: CURRENCY } };
    await tables.send(new PutItemCommand({ TableName: TABLE_NAME, Item }));
    await topics.send(new PublishCommand({ TopicArn: BILLS_TOPIC_ARN, Message: JSON.stringify({ orderId, total, CURRENCY }) }));
  }
};
