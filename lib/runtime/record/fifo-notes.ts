import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { SQSRecord } from "aws-lambda";
import { keyOf } from "../../contracts/entity.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";
import { type FailedCounts, type Received, receivesOf } from "../attempts/attempts.ts";
import type { InvocationContext } from "./consumer-context.ts";
import { MARK_DAYS } from "./crash-marks.ts";

/*
 * SQS delivers the records of a FIFO group together and counts a receive for each, even when only the first is handled; and a
 * message of a FIFO queue keeps its place only if it stays there, so it cannot carry what became of it. What each receive was
 * is therefore noted in the table: only when something failed.
 */

/**
 * A record of a FIFO queue with the attempts that are noted of it.
 *
 * @throws what DynamoDB throws
 */
export async function withNotedAttempts(context: InvocationContext, record: SQSRecord): Promise<Received> {
  // Not received before, so nothing is noted.
  const noted = receivesOf(record) === 1 ? undefined : await read(context, record);
  const { heldUp = 0, failures = 0, waits = 0, triedSince = Date.now() } = noted ?? {};
  return {
    record,
    attempts: {
      messageId: record.messageId,
      firstReceivedAt: Number(record.attributes.ApproximateFirstReceiveTimestamp),
      triedSince,
      // A receive in which the record had no turn is no attempt.
      earlier: -Math.min(heldUp, receivesOf(record) - 1),
      failures,
      waits,
      unexplained: Math.max(0, receivesOf(record) - 1 - heldUp - failures - waits),
    },
  };
}

/** Notes that a receive was an attempt that failed. @param counts the greater count of what it counts as */
export async function noteFailed(
  context: InvocationContext,
  { record, attempts }: Received,
  counts: FailedCounts,
): Promise<void> {
  await note(context, record, { ...counts, triedSince: attempts.triedSince });
}

/** Notes that a record had no turn in a receive. */
export async function noteHeldUp(context: InvocationContext, { record, attempts }: Received): Promise<void> {
  await note(context, record, { heldUp: 1 - attempts.earlier });
}

/**
 * Sets counts, instead of adding to them: a call that the SDK repeats must not count twice. Without a note the receive is
 * unexplained, and the record is watched for crashes: it costs time, not the event.
 */
async function note({ settling, config }: InvocationContext, record: SQSRecord, counts: Record<string, number>): Promise<void> {
  const fields = Object.entries({ ...counts, expiresAt: expiryOf(Date.now(), MARK_DAYS) });
  const command = new UpdateItemCommand({
    TableName: config.table,
    Key: noteKey(config, record),
    UpdateExpression: `SET ${fields.map(([name]) => `#${name} = :${name}`).join(", ")}`,
    ExpressionAttributeNames: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value]))),
  });
  await settling.dynamodb.send(command).catch(() => undefined);
}

async function read({ clients, config }: InvocationContext, record: SQSRecord): Promise<Record<string, number> | undefined> {
  const { Item } = await clients.dynamodb.send(
    new GetItemCommand({ TableName: config.table, Key: noteKey(config, record), ConsistentRead: true }),
  );
  if (!Item) return undefined;
  return Object.fromEntries(
    Object.entries(unmarshall(Item)).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

function noteKey({ service }: ServiceConfig, { messageId }: SQSRecord) {
  return marshall(keyOf({ name: "handling" }, [`${service}#${messageId}`, "held up"]));
}
