const { DynamoDBClient, PutItemCommand, UpdateItemCommand } = require("@aws-sdk/client-dynamodb");

const dynamodb = new DynamoDBClient();
const TableName = process.env.RECORDS;

/** Records that messages are being handled; what it returns records that they have been. */
exports.record = async (messages, { awsRequestId }) => {
  const startedAt = Date.now();
  const keyOf = ({ run }, index) => ({ run: { S: run }, sk: { S: `${startedAt}#${awsRequestId}#${index}` } });
  await Promise.all(
    messages.map((message, index) => {
      const { key, receiveCount, group, source } = message;
      const Item = {
        ...keyOf(message, index),
        key: { S: key },
        function: { S: process.env.AWS_LAMBDA_FUNCTION_NAME },
        invocation: { S: awsRequestId },
        batchSize: { N: String(messages.length) },
        receiveCount: { N: String(receiveCount) },
        generation: { S: process.env.GENERATION ?? "" },
        startedAt: { N: String(startedAt) },
        source: { S: JSON.stringify(source) },
        ...(group && { group: { S: group } }),
      };
      return dynamodb.send(new PutItemCommand({ TableName, Item }));
    }),
  );
  return () =>
    Promise.all(
      messages.map((message, index) =>
        dynamodb.send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(message, index),
            UpdateExpression: "SET endedAt = :now",
            ExpressionAttributeValues: { ":now": { N: String(Date.now()) } },
          }),
        ),
      ),
    );
};
