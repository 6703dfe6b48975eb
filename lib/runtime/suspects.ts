import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteMessageBatchCommand } from "@aws-sdk/client-sqs";
import { marshall } from "./attribute-values.ts";
import type { SQSRecord } from "aws-lambda";
import { keyOf } from "../contracts/entity.ts";
import type { Clients } from "./clients.ts";
import type { ServiceConfig } from "./config.ts";
import { expiryOf } from "./inbox.ts";

/** The receive from which on a record is a suspect. Twice is a chance failure; three times may be the record's own doing. */
const SUSPECT_FROM = 3;

/** Days that a mark is kept: longer than any queue keeps a message, so that TTL alone cleans up. */
export const MARK_DAYS = 15;

/** What the care for suspects needs. */
interface Context {
  readonly config: ServiceConfig;
  readonly clients: Pick<Clients, "dynamodb" | "sqs">;
}

/**
 * Whether a record has come so often that it may be the one that ends the process: by `process.exit`, by running out of
 * memory, by a loop without end. Lambda then fails the whole batch, so the record would take its neighbours along into the
 * dead-letter queue.
 */
export function isSuspect(record: SQSRecord): boolean {
  return Number(record.attributes.ApproximateReceiveCount) >= SUSPECT_FROM;
}

/** What a suspect did when it was handled before, the least bad first: nothing known, used up the time, ended the process. */
const REPUTES = ["unknown", "late", "ended"] as const;

export type Repute = (typeof REPUTES)[number];

/** The suspects, those last that would keep the others from being handled. */
export async function inOrderOfTrust(
  context: Context,
  suspects: readonly SQSRecord[],
): Promise<{ record: SQSRecord; repute: Repute }[]> {
  const known = await Promise.all(
    suspects.map(async (record) => {
      return { record, repute: await reputeOf(context, record) };
    }),
  );
  return known.toSorted((a, b) => REPUTES.indexOf(a.repute) - REPUTES.indexOf(b.repute));
}

/** What is known of a suspect; one whose mark cannot be read now is handled as one without. */
async function reputeOf({ config, clients }: Context, record: SQSRecord): Promise<Repute> {
  const command = new GetItemCommand({ TableName: config.table, Key: markKey(config, record), ConsistentRead: true });
  const answer = await clients.dynamodb.send(command).catch(() => undefined);
  if (!answer?.Item) return "unknown";
  return answer.Item["late"] ? "late" : "ended";
}

/** Marks that a suspect is being handled. The mark of one that ends the process stays, and tells. */
export async function markStarted(context: Context, record: SQSRecord): Promise<void> {
  await mark(context, record, {});
}

/** Marks that a suspect used up the time that was left: next time it is handled after those that may need less. */
export async function markLate(context: Context, record: SQSRecord): Promise<void> {
  await mark(context, record, { late: true });
}

/** Takes the mark away: the record was handled to an end, good or bad. */
export async function clearMark({ config, clients }: Context, record: SQSRecord): Promise<void> {
  await clients.dynamodb.send(new DeleteItemCommand({ TableName: config.table, Key: markKey(config, record) }));
}

/** Deletes records that are settled, ahead of Lambda: its answer may never come, and they would be received again. */
export async function acknowledge({ config, clients }: Context, records: readonly SQSRecord[]): Promise<void> {
  if (records.length === 0) return;
  await clients.sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl: config.queueUrl,
      Entries: records.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle })),
    }),
  );
}

async function mark({ config, clients }: Context, record: SQSRecord, what: { late?: true }): Promise<void> {
  const expiresAt = expiryOf(Date.now(), MARK_DAYS);
  await clients.dynamodb.send(
    new PutItemCommand({ TableName: config.table, Item: { ...markKey(config, record), ...marshall({ ...what, expiresAt }) } }),
  );
}

function markKey({ service }: ServiceConfig, { messageId }: SQSRecord) {
  return marshall(keyOf({ name: "handling" }, `${service}#${messageId}`));
}
