import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";

const tables = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Keeps the name and size of each thumbnail, as a topic's message tells them. */
export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    const event = JSON.parse(JSON.parse(body).Message);
    for (const { s3 } of event.Records) {
      const Item = { name: s3.object.key, size: s3.object.size, bucket: s3.bucket.name };
      await tables.send(new PutCommand({ TableName: process.env.TABLE_NAME, Item }));
    }
  }
};
