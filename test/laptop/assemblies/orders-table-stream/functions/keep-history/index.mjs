import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

const tables = new DynamoDBClient();

/** Keeps each state that an order was in, under the number of its message. */
export const handler = async ({ Records }) => {
  for (const { body, attributes } of Records) {
    const { orderId, state } = JSON.parse(body);
    const Item = { orderId: { S: orderId }, number: { S: attributes.SequenceNumber }, state: { S: state } };
    await tables.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item }));
  }
};
