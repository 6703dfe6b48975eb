import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type ItemKey, keyOf } from "../../contracts/entity.ts";
import type { InboxContext } from "../inbox/inbox.ts";
import { unreadable } from "../inbox/inbox-record.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";
import { readItem } from "../table/read-items.ts";

/** Days that a former place is used longer than its youngest entry is kept: for functions that still run the code before. */
const MARGIN_DAYS = 1;

/** The former places of a table's inbox, and until when each is in use, in seconds since 1970. */
export type FormerPlaces = Readonly<Record<string, number>>;

/** A table's note on where its inbox lies. */
export interface InboxNote {
  readonly place: string;
  readonly former: FormerPlaces;
  /** Counts the changes of the note; 0 before the first. */
  readonly version: number;
}

/** The note; undefined if the table has none. */
export async function readNote(context: InboxContext): Promise<InboxNote | undefined> {
  const item = await readItem(context, keyOfNote(context));
  if (!item) return undefined;
  const { place, former, version } = unmarshall(item);
  if (typeof place !== "string" || !isFormer(former)) throw unreadable("the table's note on where it lies is of another form");
  return { place, former, version: Number(version) };
}

/**
 * Replaces the note.
 *
 * @param note with the version that was read
 * @returns whether it was replaced; else another environment was faster
 */
export async function writeNote(context: InboxContext, { place, former, version }: InboxNote): Promise<boolean> {
  const { clients, config } = context;
  try {
    await clients.dynamodb.send(
      new PutItemCommand({
        TableName: config.table,
        Item: marshall({ ...keyOfNote(context), place, former, version: version + 1 }),
        ...(version === 0
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :version",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: marshall({ ":version": version }),
            }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Until when a place is in use that is left now, in seconds since 1970. */
export function lastUse({ config }: InboxContext): number {
  return expiryOf(Date.now(), config.inboxDays + MARGIN_DAYS);
}

function keyOfNote({ config }: InboxContext): ItemKey {
  return keyOf({ name: "handling" }, [config.service, "inbox places"]);
}

function isFormer(value: unknown): value is FormerPlaces {
  return typeof value === "object" && value !== null && Object.values(value).every((until) => typeof until === "number");
}
