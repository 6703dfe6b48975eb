import { access, type Access } from "../../../iam/access.ts";
import { asText } from "../../../shared/json.ts";
import { touchesOf } from "../partiql/statement.ts";
import { streamOf } from "../streams/shard-iterator.ts";
import { tableName, type Tables } from "../tables.ts";
import { conditionKeys, resourceTag, returnValuesOf } from "./condition-keys.ts";
import { ownArn, type Part, resourceOf, tableArnOf } from "./part.ts";
import { structureOf, structuresOf } from "./structures.ts";
import { tagKeys } from "./tags.ts";

type Input = Readonly<Record<string, unknown>>;

/** What is known of tables, as far as it can be said at once. */
export type KnownTables = Pick<Tables, "known">;

/** Operations on the items of one table. */
const ON_ITEMS = new Set(["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"]);
/** Operations on one table as a whole. */
const ON_TABLE = /^(Create|Describe|Update|Delete)Table$|^(Describe|Update)(TimeToLive|ContinuousBackups)$/;
const ON_RESOURCE = /^(Tag|Untag)Resource$|^ListTagsOfResource$|^(Get|Put|Delete)ResourcePolicy$/;
const ON_STREAM = new Set(["DescribeStream", "GetShardIterator"]);
const ON_NOTHING = new Set(["ListTables", "ListStreams", "DescribeLimits", "DescribeEndpoints"]);

/** The action that IAM knows for each part of a transaction. */
const WRITES = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "ConditionCheckItem" };

/**
 * What a call of DynamoDB or its streams does that IAM decides on. A transaction is allowed through its parts, a batch by its own action on
 * each table, a statement by what it does to each table that it names. Of operations that are not served, and of statements that cannot be
 * read, nothing is derived. Service authorization reference, "Actions defined by Amazon DynamoDB"; developer guide, "Using IAM with
 * DynamoDB transactions", "IAM policies for PartiQL"
 */
export function dynamodbAccesses(operation: string, input: Input, tables: KnownTables): Access[] {
  if (ON_ITEMS.has(operation)) return of(partOf(operation, input), tables);
  if (ON_TABLE.test(operation)) return onTable(operation, input, tables);
  if (ON_RESOURCE.test(operation)) return onArn(operation, input["ResourceArn"], input, tables);
  if (ON_STREAM.has(operation)) return onArn(operation, input["StreamArn"], input, tables);
  if (ON_NOTHING.has(operation)) return [access(`dynamodb:${operation}`, "*")];
  switch (operation) {
    case "GetRecords":
      return onArn(operation, streamOf(input["ShardIterator"]), input, tables);
    case "TransactWriteItems":
      return of(structuresOf(input["TransactItems"]).flatMap(writeOf), tables, operation);
    case "TransactGetItems":
      return of(
        structuresOf(input["TransactItems"]).flatMap(({ Get: get }) => partOf("GetItem", get)),
        tables,
        operation,
      );
    case "BatchGetItem":
    case "BatchWriteItem":
      return of(batch(operation, input), tables);
    case "ExecuteStatement":
      return statements([input], tables);
    case "BatchExecuteStatement":
      return statements(structuresOf(input["Statements"]), tables, operation);
    case "ExecuteTransaction":
      return statements(structuresOf(input["TransactStatements"]), tables, operation);
    default:
      return [];
  }
}

function partOf(action: string, given: unknown): Part[] {
  const request = structureOf(given);
  if (request === undefined) return [];
  const { TableName: table, IndexName: index } = request;
  if (typeof table !== "string") return [];
  return [{ action, table, index: typeof index === "string" ? index : undefined, request }];
}

function writeOf(item: Input): Part[] {
  return Object.entries(WRITES).flatMap(([member, action]) => partOf(action, item[member]));
}

/** A batch has a request for each table, and ReturnConsumedCapacity for all. */
function batch(action: string, { RequestItems: tables, ReturnConsumedCapacity }: Input): Part[] {
  return Object.entries(structureOf(tables) ?? {}).map(([table, requests]) => {
    const request = action === "BatchWriteItem" ? { Writes: structuresOf(requests) } : structureOf(requests);
    return { action, table, request: { ...request, ReturnConsumedCapacity } };
  });
}

/** Nothing, where one of the statements cannot be read: the others are refused with it. */
function statements(requests: readonly Input[], tables: KnownTables, enclosing?: string): Access[] {
  const parts: Part[] = [];
  for (const request of requests) {
    const touches = touchesOf(asText(request["Statement"]));
    if (touches === undefined) return [];
    for (const touch of touches)
      parts.push({ action: `PartiQL${touch.verb}`, table: touch.table, index: touch.index, request, touch });
  }
  return of(parts, tables, enclosing);
}

/** The accesses of some parts: one for those that are alike in action, resource and what they hand back. */
function of(parts: readonly Part[], tables: KnownTables, enclosing?: string): Access[] {
  const alike = new Map<string, [Part, ...Part[]]>();
  for (const part of parts) {
    const id = `${part.action} ${resourceOf(part)} ${returnValuesOf(part)}`;
    const others = alike.get(id);
    if (others) others.push(part);
    else alike.set(id, [part]);
  }
  return [...alike.values()].map((group) => {
    const [first] = group;
    const known = tables.known(tableName(first.table));
    return access(`dynamodb:${first.action}`, resourceOf(first), conditionKeys(group, known, enclosing));
  });
}

/** Tags and a policy that a table is created with ask for the right to set them as well. */
function onTable(operation: string, input: Input, tables: KnownTables): Access[] {
  const { TableName: table, Tags: tags, ResourcePolicy: policy } = input;
  if (typeof table !== "string") return [];
  const actions = [operation];
  if (operation === "CreateTable" && structuresOf(tags).length > 0) actions.push("TagResource");
  if (operation === "CreateTable" && policy !== undefined) actions.push("PutResourcePolicy");
  return actions.flatMap((action) => onArn(action, tableArnOf(table), input, tables));
}

function onArn(operation: string, arn: unknown, input: Input, tables: KnownTables): Access[] {
  const own = typeof arn === "string" ? ownArn(arn) : undefined;
  if (own === undefined) return [];
  const known = tables.known(tableName(own));
  return [
    access(`dynamodb:${operation}`, own, (key) => {
      if (key.startsWith("dynamodb:")) return [];
      return key.startsWith("aws:resourcetag/") ? resourceTag(key, known) : tagKeys(operation, input, key);
    }),
  ];
}
