import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { SQSRecord } from "aws-lambda";
import { keyOf } from "../../contracts/entity.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import { marshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";

/*
 * A record that crashes the process (`process.exit`, out of memory, an endless loop) fails its whole batch, and would take its
 * neighbours along into the dead-letter queue. A record received often is therefore a suspect: it is handled alone, under a
 * mark in the table that survives a crash.
 */

/** The receive from which on a record is a suspect. Two may be bad luck; three point at the record. */
const SUSPECT_FROM = 3;

/** Days that a mark is kept: longer than any queue keeps a message, so that TTL does the cleaning up. */
export const MARK_DAYS = 15;

/** What marks are kept with. */
interface MarkContext {
  readonly config: ServiceConfig;
  readonly clients: Pick<Clients, "dynamodb">;
}

/** Whether a record has been received so often that it may be the one that crashes the process. */
export function isSuspect(record: SQSRecord): boolean {
  return Number(record.attributes.ApproximateReceiveCount) >= SUSPECT_FROM;
}

/** What a suspect did when it was last handled, the least risky first. */
const HISTORIES = ["unknown", "timed out", "crashed"] as const;

export type SuspectHistory = (typeof HISTORIES)[number];

/** The suspects with their histories, those last that could keep the others from being handled. */
export async function leastRiskyFirst(
  context: MarkContext,
  suspects: readonly SQSRecord[],
): Promise<{ record: SQSRecord; history: SuspectHistory }[]> {
  const known = await Promise.all(
    suspects.map(async (record) => {
      return { record, history: await historyOf(context, record) };
    }),
  );
  return known.toSorted((a, b) => HISTORIES.indexOf(a.history) - HISTORIES.indexOf(b.history));
}

/** What a suspect's mark says; `unknown` also when it cannot be read. */
async function historyOf({ config, clients }: MarkContext, record: SQSRecord): Promise<SuspectHistory> {
  const command = new GetItemCommand({ TableName: config.table, Key: markKey(config, record), ConsistentRead: true });
  const answer = await clients.dynamodb.send(command).catch(() => undefined);
  if (!answer?.Item) return "unknown";
  return answer.Item["late"] ? "timed out" : "crashed";
}

/** Marks that a suspect is being handled. If it crashes the process, the mark stays. */
export async function markStarted(context: MarkContext, record: SQSRecord): Promise<void> {
  await mark(context, record, {});
}

/** Marks that a suspect ran out of time: the next batch handles it after those that may be quicker. */
export async function markTimedOut(context: MarkContext, record: SQSRecord): Promise<void> {
  await mark(context, record, { late: true });
}

/** Removes the mark of a record that did not crash the process. */
export async function clearMark({ config, clients }: MarkContext, record: SQSRecord): Promise<void> {
  await clients.dynamodb.send(new DeleteItemCommand({ TableName: config.table, Key: markKey(config, record) }));
}

async function mark({ config, clients }: MarkContext, record: SQSRecord, what: { late?: true }): Promise<void> {
  const expiresAt = expiryOf(Date.now(), MARK_DAYS);
  await clients.dynamodb.send(
    new PutItemCommand({ TableName: config.table, Item: { ...markKey(config, record), ...marshall({ ...what, expiresAt }) } }),
  );
}

function markKey({ service }: ServiceConfig, { messageId }: SQSRecord) {
  return marshall(keyOf({ name: "handling" }, `${service}#${messageId}`));
}
