import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { marshall } from "./attribute-values.ts";
import type { ItemKey } from "../../contracts/entity.ts";
import { PermanentError } from "../errors.ts";

/** One change of one item, waiting for the commit. */
export type Write =
  | {
      readonly kind: "put";
      readonly key: ItemKey;
      readonly data: object;
      readonly expected: ExpectedVersion;
      readonly version: number;
      /** What the runtime stores in the item besides the data. */
      readonly added?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "delete"; readonly key: ItemKey; readonly expected: ExpectedVersion }
  | {
      readonly kind: "add";
      readonly key: ItemKey;
      readonly attribute: string;
      readonly by: number;
      readonly atLeast: number;
      /** Whether the item may have expired: it then counts as absent. */
      readonly expires: boolean;
    };

/** The version that the item must have: 0 for no item, `expired` for none or one whose time is up, `any` for no condition. */
export type ExpectedVersion = number | "expired" | "any";

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
  if (earlier.kind !== "add" && write.kind !== "add") return write;
  if (earlier.kind === "add" && write.kind === "add" && earlier.attribute === write.attribute) {
    return { ...write, by: earlier.by + write.by, atLeast: Math.max(earlier.atLeast, write.atLeast) };
  }
  throw new PermanentError(`the item ${write.key.pk} is written in two ways that one transaction cannot join`);
}

/** The action of a transaction that makes the write. */
export function toAction(table: string, write: Write): TransactWriteItem {
  const { key } = write;
  switch (write.kind) {
    case "put":
      return {
        Put: {
          TableName: table,
          Item: marshall({ ...key, ...write.data, ...write.added, version: write.version }),
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
          ConditionExpression: `#attribute >= :least${write.expires ? " AND (attribute_not_exists(expiresAt) OR expiresAt > :now)" : ""}`,
          ExpressionAttributeNames: { "#attribute": write.attribute, "#version": "version" },
          // The condition holds before the addition: `least` is what the attribute must have so that `atLeast` is left.
          ExpressionAttributeValues: marshall({
            ":by": write.by,
            ":one": 1,
            ":least": write.atLeast - write.by,
            ...(write.expires && { ":now": nowInSeconds() }),
          }),
        },
      };
  }
}

function versionCondition(expected: ExpectedVersion) {
  if (expected === "any") return {};
  if (expected === 0) return { ConditionExpression: "attribute_not_exists(pk)" };
  if (expected === "expired") {
    return {
      ConditionExpression: "attribute_not_exists(pk) OR expiresAt <= :now",
      ExpressionAttributeValues: marshall({ ":now": nowInSeconds() }),
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
