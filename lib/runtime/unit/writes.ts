import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { ALONE, type ItemKey } from "../../contracts/entity.ts";
import { INBOX_ONLY } from "../../contracts/item-attributes.ts";
import { PermanentError } from "../errors.ts";
import { marshall } from "../table/attribute-values.ts";
import type { Item } from "../table/read-items.ts";

/** One change of one item, waiting for the commit. */
export type Write =
  | {
      readonly kind: "put";
      readonly key: ItemKey;
      readonly data: object;
      readonly expected: ExpectedVersion;
      readonly version: number;
      /** Whether the unit has not read the item: if there is one, the handler does not know of it. */
      readonly unread?: boolean;
      /** What the runtime stores in the item besides the data. */
      readonly added?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "delete";
      readonly key: ItemKey;
      readonly expected: ExpectedVersion;
      /** Whether the unit has put the item without having read it, before it deleted it. */
      readonly unread?: boolean;
    }
  | {
      readonly kind: "add";
      readonly key: ItemKey;
      readonly attribute: string;
      readonly by: number;
      readonly atLeast: number;
      /** Whether the item may have expired: it then counts as absent. */
      readonly expires: boolean;
    };

/**
 * The version that the item must have: 0 for no item, `expired` for none or one whose time is up, `absent` for none that handlers see:
 * one that only holds inbox entries does not count either; `any` for no condition.
 */
export type ExpectedVersion = number | "expired" | "absent" | "any";

/** The version that a read has found. */
export type ReadVersion = Exclude<ExpectedVersion, "any">;

/**
 * The version of an item that replaces one of this version. A new item starts at the time and not at 1: one that was deleted
 * and created again must not pass for the one that somebody has read.
 */
export function versionAfter(expected: ExpectedVersion): number {
  return typeof expected === "string" || expected === 0 ? Date.now() : expected + 1;
}

/** A key as a text, for maps. */
export function keyText({ pk, sk }: ItemKey): string {
  return JSON.stringify([pk, sk]);
}

/**
 * One write that does what two of the same item do.
 *
 * @throws PermanentError for an `add` and another kind of write, or two of different attributes: a transaction takes one action per item.
 */
export function joinWrites(earlier: Write, write: Write): Write {
  // What the unit put must be its own: another's item of that key is not deleted.
  if (earlier.kind === "put" && earlier.unread && write.kind === "delete") {
    return { ...write, expected: earlier.expected, unread: true };
  }
  if (earlier.kind !== "add" && write.kind !== "add") return write;
  if (earlier.kind === "add" && write.kind === "add" && earlier.attribute === write.attribute) {
    return { ...write, by: earlier.by + write.by, atLeast: Math.max(earlier.atLeast, write.atLeast) };
  }
  throw new PermanentError(`the item ${write.key.pk} is written in two ways that one transaction cannot join`);
}

/**
 * The action of a transaction that makes the write.
 *
 * @param read the version that an addition needs the item to have, when the handler depends on what it has read
 */
export function toAction(table: string, write: Write, read?: ReadVersion): TransactWriteItem {
  const { key } = write;
  switch (write.kind) {
    case "put":
      return {
        Put: {
          TableName: table,
          Item: putItem(write),
          ...versionCondition(write.expected),
        },
      };
    case "delete":
      return { Delete: { TableName: table, Key: marshall(key), ...versionCondition(write.expected) } };
    case "add":
      return {
        Update: {
          TableName: table,
          Key: marshall(key),
          UpdateExpression: "ADD #attribute :by, #version :one",
          ConditionExpression: [
            "#attribute >= :least",
            ...(write.expires ? ["(attribute_not_exists(expiresAt) OR expiresAt > :now)"] : []),
            ...(typeof read === "number" ? ["#version = :read"] : []),
          ].join(" AND "),
          ExpressionAttributeNames: { "#attribute": write.attribute, "#version": "version" },
          // The condition holds before the addition: `least` is what the attribute must have so that `atLeast` is left.
          ExpressionAttributeValues: marshall({
            ":by": write.by,
            ":one": 1,
            ":least": write.atLeast - write.by,
            ...(write.expires && { ":now": nowInSeconds() }),
            ...(typeof read === "number" && { ":read": read }),
          }),
        },
      };
  }
}

/** The action that checks an item's version and changes nothing. */
export function toCheck(table: string, key: ItemKey, expected: ReadVersion): TransactWriteItem {
  return { ConditionCheck: { TableName: table, Key: marshall(key), ...versionCondition(expected) } };
}

/** The item that a put writes. */
export function putItem({ key, data, added, version }: Extract<Write, { kind: "put" }>): Item {
  return marshall({ ...key, ...data, ...added, version });
}

/** Why an item may not be put that exists, and that the handler has not read. */
export function unreadError({ pk, sk }: ItemKey): PermanentError {
  const [entity = ""] = pk.split("#", 1);
  const id = pk.slice(entity.length + 1);
  return new PermanentError(
    `the ${entity} "${id}"${sk === ALONE ? "" : ` "${sk}"`} exists, and this handler put it without having read it: ` +
      "read it with unit.get before, again after a checkpoint that added to it, or put it with { overwrite: true }",
  );
}

/** An item after an addition; undefined if there is none to add to. */
export function addedItem(item: Item | undefined, { attribute, by }: Extract<Write, { kind: "add" }>): Item | undefined {
  if (!item) return undefined;
  const sum = (name: string, more: number) => ({ N: String(Number(item[name]?.N) + more) });
  return { ...item, [attribute]: sum(attribute, by), version: sum("version", 1) };
}

/** The condition that an item has the version that is expected of it. */
export function versionCondition(expected: ReadVersion): { ConditionExpression: string };
export function versionCondition(expected: ExpectedVersion): { ConditionExpression?: string };
export function versionCondition(expected: ExpectedVersion) {
  if (expected === "any") return {};
  if (expected === 0) return { ConditionExpression: "attribute_not_exists(pk)" };
  if (typeof expected === "string") {
    const expired = "attribute_not_exists(pk) OR expiresAt <= :now";
    const isAbsent = expected === "absent";
    return {
      ConditionExpression: isAbsent ? `${expired} OR ${INBOX_ONLY} = :true` : expired,
      ExpressionAttributeValues: marshall({ ":now": nowInSeconds(), ...(isAbsent && { ":true": true }) }),
    };
  }
  return {
    ConditionExpression: "#version = :version",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: marshall({ ":version": expected }),
  };
}

/** What `expiresAt` is compared with. */
function nowInSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
