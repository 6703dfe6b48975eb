import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";

const client = DynamoDBDocumentClient.from(new DynamoDBClient());
const TableName = process.env["TABLE"];

/** Keeps a note, and reads it back. */
export async function handler(note: { id: string; text: string }): Promise<unknown> {
  await client.send(new PutCommand({ TableName, Item: note }));
  const { Item } = await client.send(new GetCommand({ TableName, Key: { id: note.id } }));
  return Item;
}
