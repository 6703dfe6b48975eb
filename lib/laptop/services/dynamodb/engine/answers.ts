import { account } from "../../../shared/account.ts";
import { isRecord } from "../../../shared/json.ts";
import { resourceNotFound } from "../refusals.ts";

const TABLE_ARN = /("TableName"\s*:\s*)"arn:[a-z-]+:dynamodb:([a-z0-9-]*:\d{12}):table\/([A-Za-z0-9_.-]+)"/g;

/** ARNs of the region that dynoxide 1.2.1 says it is in. */
const ENGINE_ARN = /^arn:aws:(dynamodb|kms):dynoxide:/;

/** The time at which a stream was turned on, as dynoxide writes it. */
const ENGINE_LABEL = /^(.*\/stream\/)?(\d{9,}\.\d+)$/;

/**
 * A request whose tables are named by their names: the engine does not take them by their ARNs, as DynamoDB does.
 *
 * @throws AwsError ResourceNotFoundException for a table of another account or region
 */
export function withPlainTableNames<Body extends Buffer | string>(body: Body): Body | Buffer {
  if (!body.includes(":table/")) return body;
  const own = `${account.region}:${account.id}`;
  return Buffer.from(
    body.toString().replaceAll(TABLE_ARN, (_, member: string, place: string, name: string) => {
      if (place !== own) throw resourceNotFound();
      return `${member}"${name}"`;
    }),
  );
}

/**
 * An answer of the engine with ARNs of this account's region, and labels of streams as DynamoDB writes them: the time at which the
 * stream was turned on. The engine takes ARNs of any region and streams by any label.
 */
export function asOnAws(answer: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, renamed(value)]));
}

function renamed(value: unknown): unknown {
  if (typeof value === "string") return textOnAws(value);
  if (Array.isArray(value)) return value.map(renamed);
  return isRecord(value) ? asOnAws(value) : value;
}

function textOnAws(text: string): string {
  const regional = text.replace(ENGINE_ARN, `arn:aws:$1:${account.region}:`);
  return regional.replace(ENGINE_LABEL, (_, before: string | undefined, seconds: string) => (before ?? "") + labelOf(seconds));
}

/** `2026-11-20T19:21:28.685`. */
function labelOf(seconds: string): string {
  return new Date(Math.trunc(Number(seconds) * 1_000)).toISOString().slice(0, -1);
}
