import type { Context } from "../../../iam/evaluator/context.ts";
import { isRecord } from "../../../shared/json.ts";
import type { KnownTable } from "../tables.ts";
import { namesIn } from "./expression-names.ts";
import { itemsOf, leadingKeysOf } from "./leading-keys.ts";
import type { Part } from "./part.ts";

/*
 * DynamoDB's condition keys: service authorization reference, "Condition keys for Amazon DynamoDB"; developer guide, "Using IAM policy
 * conditions for fine-grained access control". A key that a call does not have is empty, and one that cannot be told is undefined,
 * which allows nothing.
 */

const EXPRESSIONS = [
  "ConditionExpression",
  "FilterExpression",
  "KeyConditionExpression",
  "ProjectionExpression",
  "UpdateExpression",
];
/** What was before expressions: maps by the names of attributes. */
const LEGACY_MAPS = ["AttributeUpdates", "Expected", "KeyConditions", "QueryFilter", "ScanFilter"];

const READS = new Set(["GetItem", "BatchGetItem", "Query", "Scan", "PartiQLSelect"]);
const HAS_CONSUMED_CAPACITY = /^(Get|Put|Update|Delete|BatchGet|BatchWrite|ConditionCheck)Item$|^Query$|^Scan$/;
const HAS_RETURN_VALUES = /^(Put|Update|Delete|ConditionCheck)Item$|^PartiQL(Update|Delete)$/;

/**
 * The condition keys of parts of a call that are alike in action and table.
 *
 * @param enclosing the operation whose parts they are: `TransactWriteItems`
 */
export function conditionKeys(
  parts: readonly [Part, ...Part[]],
  known: KnownTable | undefined,
  enclosing: string | undefined,
): Context {
  const [{ action }] = parts;
  return (key) => {
    switch (key) {
      case "dynamodb:leadingkeys":
        return action === "Scan" ? [] : union(parts.map((part) => leadingKeysOf(part, known)));
      case "dynamodb:attributes":
        return union(parts.map((part) => attributesOf(part)));
      case "dynamodb:select":
        return READS.has(action) ? union(parts.map((part) => [selectOf(part)])) : [];
      case "dynamodb:returnvalues":
        return HAS_RETURN_VALUES.test(action) ? union(parts.map((part) => [returnValuesOf(part)])) : [];
      case "dynamodb:returnconsumedcapacity":
        return HAS_CONSUMED_CAPACITY.test(action) ? union(parts.map(({ request }) => [consumedCapacityOf(request)])) : [];
      case "dynamodb:enclosingoperation":
        return enclosing === undefined ? [] : [enclosing];
      case "dynamodb:fulltablescan":
        return action === "PartiQLSelect" ? fullTableScan(parts, known) : [];
      default:
        return resourceTag(key, known);
    }
  };
}

/** `aws:ResourceTag/team`. */
export function resourceTag(key: string, known: KnownTable | undefined): readonly string[] | undefined {
  const [, name] = /^aws:resourcetag\/(.+)$/.exec(key) ?? [];
  if (name === undefined || known === undefined) return undefined;
  // Condition keys do not tell cases apart.
  return [...known.tags].filter(([tag]) => tag.toLowerCase() === name).map(([, value]) => value);
}

/** What a write hands back; asking for the item that failed its condition hands it back too. */
export function returnValuesOf({ request, touch }: Part): string {
  if (request["ReturnValuesOnConditionCheckFailure"] === "ALL_OLD") return "ALL_OLD";
  const asked = touch?.returning ?? request["ReturnValues"];
  return typeof asked === "string" ? asked : "NONE";
}

function attributesOf({ request, touch }: Part): string[] {
  if (touch !== undefined) return [...touch.attributes];
  const { ExpressionAttributeNames: names, AttributesToGet: listed } = request;
  return [
    ...itemsOf(request).flatMap((item) => Object.keys(item)),
    ...EXPRESSIONS.flatMap((member) => namesIn(request[member], names)),
    ...LEGACY_MAPS.flatMap((member) => namesOf(request[member])),
    ...(Array.isArray(listed) ? listed.map(String) : []),
  ];
}

function namesOf(map: unknown): string[] {
  return isRecord(map) ? Object.keys(map) : [];
}

function selectOf({ request, touch, index }: Part): string {
  const { Select: select, ProjectionExpression: projection, AttributesToGet: listed } = request;
  if (typeof select === "string") return select;
  const some = touch === undefined ? projection !== undefined || listed !== undefined : !touch.all;
  if (some) return "SPECIFIC_ATTRIBUTES";
  return index === undefined ? "ALL_ATTRIBUTES" : "ALL_PROJECTED_ATTRIBUTES";
}

function consumedCapacityOf({ ReturnConsumedCapacity: asked }: Part["request"]): string {
  return typeof asked === "string" ? asked : "NONE";
}

/** A SELECT that does not say which partition keys it wants reads the whole table. */
function fullTableScan(parts: readonly Part[], known: KnownTable | undefined): string[] | undefined {
  const scans = parts.map((part) => {
    const name = (part.index === undefined ? known?.key : known?.indexes.get(part.index))?.[0];
    if (name === undefined || part.touch?.conditions === undefined) return undefined;
    return [String(!part.touch.conditions.some(({ attribute }) => attribute === name))];
  });
  return union(scans);
}

function union(lists: readonly (readonly string[] | undefined)[]): string[] | undefined {
  const known = lists.filter((list) => list !== undefined);
  return known.length === lists.length ? [...new Set(known.flat())] : undefined;
}
