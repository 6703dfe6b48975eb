import { arn } from "../../shared/account.ts";
import { isRecord, textOf } from "../../shared/json.ts";
import { access, type Access } from "../../iam/access.ts";
import type { Call } from "../call.ts";

/**
 * DynamoDB and its streams. A transaction is allowed through its parts, a batch by its own action on each table.
 * Developer guide, "Using IAM with DynamoDB transactions"; "IAM policies for PartiQL"
 */
export function dynamodbAccess({ operation, input }: Call): Access[] {
  switch (operation) {
    case "TransactWriteItems":
      return distinct(list(input["TransactItems"]).flatMap(writeOf));
    case "TransactGetItems":
      return distinct(list(input["TransactItems"]).flatMap(({ Get: get }) => onTable("GetItem", get)));
    case "BatchGetItem":
    case "BatchWriteItem": {
      const { RequestItems: tables } = input;
      return Object.keys(isRecord(tables) ? tables : {}).map((table) => access(`dynamodb:${operation}`, tableArnOf(table)));
    }
    case "ExecuteStatement":
      return partiql(input);
    case "BatchExecuteStatement":
      return distinct(list(input["Statements"]).flatMap(partiql));
    case "ExecuteTransaction":
      return distinct(list(input["TransactStatements"]).flatMap(partiql));
    default:
      return [access(`dynamodb:${operation}`, resourceOf(input))];
  }
}

/** The action that IAM knows for each part of a transaction. */
const WRITES = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "ConditionCheckItem" };

function writeOf(item: Record<string, unknown>): Access[] {
  return Object.entries(WRITES).flatMap(([member, action]) => onTable(action, item[member]));
}

function onTable(action: string, details: unknown): Access[] {
  const table = isRecord(details) ? textOf(details["TableName"]) : undefined;
  return table === undefined ? [] : [access(`dynamodb:${action}`, tableArnOf(table))];
}

function resourceOf(input: Call["input"]): string {
  const table = textOf(input["TableName"]);
  if (table === undefined) return textOf(input["StreamArn"]) ?? textOf(input["ResourceArn"]) ?? "*";
  const index = textOf(input["IndexName"]);
  return index === undefined ? tableArnOf(table) : `${tableArnOf(table)}/index/${index}`;
}

/** A table may be named by its ARN as well. */
function tableArnOf(table: string): string {
  return table.startsWith("arn:") ? table : arn("dynamodb", `table/${table}`);
}

const VERBS = { SELECT: "PartiQLSelect", INSERT: "PartiQLInsert", UPDATE: "PartiQLUpdate", DELETE: "PartiQLDelete" };

const NAME = String.raw`(?:"([^"]+)"|([\w-]+))`;

/** `SELECT * FROM "table"."index"`, `INSERT INTO "table"`, `UPDATE "table"`, `DELETE FROM "table"`; plain names need no quotes. */
const STATEMENT = new RegExp(
  String.raw`^\s*(?:(SELECT)\s.*?\sFROM|(INSERT)\s+INTO|(UPDATE)|(DELETE)\s+FROM)\s+${NAME}(?:\.${NAME})?(?:\s|$)`,
  "is",
);

function partiql({ Statement: statement }: Call["input"]): Access[] {
  const [, ...groups] = STATEMENT.exec(textOf(statement) ?? "") ?? [];
  const verb = groups.slice(0, 4).find((group) => group !== undefined);
  const [table, index] = [groups[4] ?? groups[5], groups[6] ?? groups[7]];
  const action = Object.entries(VERBS).find(([name]) => name === verb?.toUpperCase())?.[1];
  if (action === undefined || table === undefined) return [];
  return [access(`dynamodb:${action}`, index === undefined ? tableArnOf(table) : `${tableArnOf(table)}/index/${index}`)];
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A transaction mostly does the same to one table several times. */
function distinct(accesses: readonly Access[]): Access[] {
  return accesses.filter(
    ({ action, resources: [resource] }, index) =>
      accesses.findIndex((other) => other.action === action && other.resources[0] === resource) === index,
  );
}
