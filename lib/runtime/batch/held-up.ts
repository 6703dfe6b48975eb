import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { SQSRecord } from "aws-lambda";
import { keyOf } from "../../contracts/entity.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { ConsumerContext } from "../record/consumer-context.ts";
import { attemptOf, putBack } from "../record/retry.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";
import { MARK_DAYS } from "./suspects.ts";

/*
 * SQS delivers the records of a FIFO group together and counts a receive for each, even when only the first is handled. A
 * record that keeps failing would use up the attempts of those behind it, so the receives in which a record was held up are
 * noted in the table and subtracted.
 */

/**
 * The records with only their own receives counted, without those in which they were held up.
 *
 * @throws what DynamoDB throws
 */
export function withOwnReceives(context: ConsumerContext, records: readonly SQSRecord[]): Promise<SQSRecord[]> {
  return Promise.all(
    records.map(async (record) => {
      // Not received before, so not held up before.
      if (attemptOf(record) === 1) return record;
      const own = Math.max(1, attemptOf(record) - (await readTimes(context, record)));
      return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(own) } };
    }),
  );
}

/** Returns records that had no turn to the queue, and notes that they were held up. */
export async function holdUp(context: ConsumerContext, records: readonly SQSRecord[]): Promise<void> {
  // Without the note the receive counts as the record's own: it only reaches the dead-letter queue sooner.
  await Promise.all(records.map((record) => note(context, record).catch(() => undefined)));
  await putBack(context.clients.sqs, context.config, records);
}

async function readTimes({ clients, config }: ConsumerContext, record: SQSRecord): Promise<number> {
  const { Item } = await clients.dynamodb.send(
    new GetItemCommand({ TableName: config.table, Key: noteKey(config, record), ConsistentRead: true }),
  );
  return Item ? Number(unmarshall(Item)["times"]) : 0;
}

async function note({ clients, config }: ConsumerContext, record: SQSRecord): Promise<void> {
  await clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: config.table,
      Key: noteKey(config, record),
      UpdateExpression: "ADD #times :one SET #expiresAt = :expiresAt",
      ExpressionAttributeNames: { "#times": "times", "#expiresAt": "expiresAt" },
      ExpressionAttributeValues: marshall({ ":one": 1, ":expiresAt": expiryOf(Date.now(), MARK_DAYS) }),
    }),
  );
}

function noteKey({ service }: ServiceConfig, { messageId }: SQSRecord) {
  return marshall(keyOf({ name: "handling" }, [`${service}#${messageId}`, "held up"]));
}
