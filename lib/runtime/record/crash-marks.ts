import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { keyOf } from "../../contracts/entity.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";
import type { Attempts, Received } from "../attempts/attempts.ts";
import type { InvocationContext } from "./consumer-context.ts";

/*
 * A record that crashes the process (`process.exit`, out of memory, an endless loop) fails its whole batch, and would take its
 * neighbours along into the dead-letter queue. What is known is only that a receive came to no end. From the second receive on,
 * a record is therefore handled under a mark in the table: if the process ends, the mark stays, and the record is a suspect.
 */

/** Days that a mark is kept: longer than any queue keeps a message, so that TTL does the cleaning up. */
export const MARK_DAYS = 15;

/** What a mark that was left behind says. */
export interface CrashMark {
  /** How often the process ended while it handled this record and nothing else. */
  readonly aloneCount: number;
}

/** Whether a mark may have been left behind, and another is to be made. */
export function mayHaveCrashed({ attempts }: Received): boolean {
  return attempts.unexplained > 0;
}

/** The mark that was left behind for a record; undefined when there is none, or when it cannot be read. */
export async function readMark({ config, clients }: InvocationContext, received: Received): Promise<CrashMark | undefined> {
  if (!mayHaveCrashed(received)) return undefined;
  const command = new GetItemCommand({ TableName: config.table, Key: markKey(config, received), ConsistentRead: true });
  const answer = await clients.dynamodb.send(command).catch(() => undefined);
  if (!answer?.Item) return undefined;
  const { aloneCount } = unmarshall(answer.Item);
  return { aloneCount: typeof aloneCount === "number" ? aloneCount : 0 };
}

/** Marks that a record is being handled. @throws what DynamoDB throws; the record must not be handled then */
export async function leaveMark({ config, clients }: InvocationContext, received: Received, mark: CrashMark): Promise<void> {
  const expiresAt = expiryOf(Date.now(), MARK_DAYS);
  const Item = { ...markKey(config, received), ...marshall({ ...mark, expiresAt }) };
  await clients.dynamodb.send(new PutItemCommand({ TableName: config.table, Item }));
}

/** Removes the mark of a record that came to an end and is tried again. If that fails, the mark is looked at only when a later receive comes to no end. */
export async function clearMark({ config, settling }: InvocationContext, received: Received): Promise<void> {
  const command = new DeleteItemCommand({ TableName: config.table, Key: markKey(config, received) });
  await settling.dynamodb.send(command).catch(() => undefined);
}

function markKey({ service }: { readonly service: string }, { attempts }: { readonly attempts: Pick<Attempts, "messageId"> }) {
  return marshall(keyOf({ name: "handling" }, `${service}#${attempts.messageId}`));
}
