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
  return table.startsWith("arn:") ? table : arn("dynamodb", `table/${table}`);
}

/** `{ S: "a" }` as condition keys have it: the value, without its type. */
export function plainValue(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const { S: text, N: number, B: binary } = value;
  return [text, number, binary].find((candidate) => typeof candidate === "string");
}
