import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { SQSRecord } from "aws-lambda";
import { keyOf } from "../contracts/entity.ts";
import { marshall, unmarshall } from "./attribute-values.ts";
import { expiryOf } from "./inbox.ts";
import type { Run } from "./record.ts";
import { attemptOf, putBack } from "./settle.ts";
import { MARK_DAYS } from "./suspects.ts";

/*
 * SQS hands out records of a FIFO group together, and counts a receive of each, also when only the first had its turn. One that
 * fails time and again would use up the attempts of those behind it, so the receives in which a record was held up are noted.
 */

/**
 * The records, each with the receives in which it had its turn, and not those in which it was held up.
 *
 * @throws what DynamoDB throws
 */
export function withOwnReceives(run: Run, records: readonly SQSRecord[]): Promise<SQSRecord[]> {
  return Promise.all(
    records.map(async (record) => {
      // Not received before, so not held up before.
      if (attemptOf(record) === 1) return record;
      const own = Math.max(1, attemptOf(record) - (await readTimes(run, record)));
      return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(own) } };
    }),
  );
}

/** Puts back records that had no turn, and notes it. */
export async function holdUp(run: Run, records: readonly SQSRecord[]): Promise<void> {
  // Without the note the receive counts as the record's own: it is given up earlier than it need be, and with its reason.
  await Promise.all(records.map((record) => note(run, record).catch(() => undefined)));
  await putBack(run.clients.sqs, run.config, records);
}

async function readTimes({ clients, config }: Run, record: SQSRecord): Promise<number> {
  const { Item } = await clients.dynamodb.send(
    new GetItemCommand({ TableName: config.table, Key: noteKey(config, record), ConsistentRead: true }),
  );
  return Item ? Number(unmarshall(Item)["times"]) : 0;
}

async function note({ clients, config }: Run, record: SQSRecord): Promise<void> {
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

function noteKey({ service }: Run["config"], { messageId }: SQSRecord) {
  return marshall(keyOf({ name: "handling" }, [`${service}#${messageId}`, "held up"]));
}
