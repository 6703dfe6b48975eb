import { arn } from "../../../shared/account.ts";
import { isRecord } from "../../../shared/json.ts";
import { type Touch } from "../partiql/statement.ts";

/** What a call does to one table: all of it, or one action of a transaction or batch. */
export interface Part {
  /** `PutItem`. */
  readonly action: string;
  /** Name or ARN. */
  readonly table: string;
  readonly index?: string | undefined;
  /** The input's members that are about it, as GetItem, PutItem, Query and so on have them. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Where it is a PartiQL statement. */
  readonly touch?: Touch;
}

export function resourceOf({ table, index }: Pick<Part, "table" | "index">): string {
  const tableArn = tableArnOf(table);
  return index === undefined ? tableArn : `${tableArn}/index/${index}`;
}

/** A table may be named by its ARN as well. */
export function tableArnOf(table: string): string {
  return table.startsWith("arn:") ? (ownArn(table) ?? table) : arn("dynamodb", `table/${table}`);
}

/** The ARN of a table, an index or a stream; the label of a stream is a time. */
const ARN = /^arn:[\w-]+:dynamodb:[\w-]*:\d*:(table\/[\w.-]+(?:\/(?:index|stream)\/[\w.:-]+)?)$/;

/**
 * The ARN of what a call reaches by an ARN: it finds tables by their names alone, whatever region and account the ARN names. Undefined
 * for any other text, in which somebody else may find another table.
 */
export function ownArn(given: string): string | undefined {
  const resource = ARN.exec(given)?.[1];
  return resource === undefined ? undefined : arn("dynamodb", resource);
}

/** `{ S: "a" }` as condition keys have it: the value, without its type. */
export function plainValue(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const { S: text, N: number, B: binary } = value;
  return [text, number, binary].find((candidate) => typeof candidate === "string");
}
