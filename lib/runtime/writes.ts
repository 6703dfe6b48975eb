import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { marshall } from "./attribute-values.ts";
import type { ItemKey } from "../contracts/entity.ts";
import { PermanentError } from "./errors.ts";

/** One change of one item, waiting for the commit. */
export type Write =
  | {
      readonly kind: "put";
      readonly key: ItemKey;
      readonly data: object;
      readonly expected: ExpectedVersion;
      readonly version: number;
      /** What the runtime keeps in the item beside the data. */
      readonly kept?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "delete"; readonly key: ItemKey; readonly expected: ExpectedVersion }
  | { readonly kind: "add"; readonly key: ItemKey; readonly attribute: string; readonly by: number; readonly atLeast: number };

/** The version that the item must have: 0 for no item, `any` for no condition. */
export type ExpectedVersion = number | "any";

/**
 * The version that an item has when it is written over one of this version. A new item begins at the time and not at 1: one that
 * was deleted and made anew must not pass for the one that somebody has read.
 */
export function versionAfter(expected: ExpectedVersion): number {
  return expected === "any" || expected === 0 ? Date.now() : expected + 1;
}

/** Attributes of an item that the runtime keeps and that data may not use. */
const RESERVED = ["pk", "sk", "version", "expiresAt", "inbox"];

/** A text that tells keys apart. */
export function keyText({ pk, sk }: ItemKey): string {
  return JSON.stringify([pk, sk]);
}

/** The action of a transaction that makes the write. */
export function toAction(table: string, write: Write): TransactWriteItem {
  const { key } = write;
  switch (write.kind) {
    case "put": {
      const taken = RESERVED.find((name) => name in write.data);
      if (taken) throw new PermanentError(`the item ${key.pk} has an attribute "${taken}", which the runtime keeps for itself`);
      return {
        Put: {
          TableName: table,
          Item: marshall({ ...key, ...write.data, ...write.kept, version: write.version }),
          ...versionCondition(write.expected),
        },
      };
    }
    case "delete":
      return { Delete: { TableName: table, Key: marshall(key), ...versionCondition(write.expected) } };
    case "add":
      return {
        Update: {
          TableName: table,
          Key: marshall(key),
          UpdateExpression: "ADD #attribute :by, #version :one",
          ConditionExpression: "#attribute >= :least",
          ExpressionAttributeNames: { "#attribute": write.attribute, "#version": "version" },
          // The condition holds before the addition: `least` is what the attribute must have so that `atLeast` is left.
          ExpressionAttributeValues: marshall({ ":by": write.by, ":one": 1, ":least": write.atLeast - write.by }),
        },
      };
  }
}

function versionCondition(expected: ExpectedVersion) {
  if (expected === "any") return {};
  if (expected === 0) return { ConditionExpression: "attribute_not_exists(pk)" };
  return {
    ConditionExpression: "#version = :version",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: marshall({ ":version": expected }),
  };
}
