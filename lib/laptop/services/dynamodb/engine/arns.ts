import { account } from "../../../shared/account.ts";

const TABLE_ARN = /("TableName"\s*:\s*)"arn:[a-z-]+:dynamodb:[a-z0-9-]*:\d{12}:table\/([A-Za-z0-9_.-]+)"/g;

/** The region that dynoxide 1.2.1 says it is in. */
const ENGINE_REGION = "dynoxide";

/** A request whose tables are named by their names: the engine does not take them by their ARNs, as DynamoDB does. */
export function withPlainTableNames(body: Buffer): Buffer {
  if (!body.includes(":table/")) return body;
  return Buffer.from(body.toString().replaceAll(TABLE_ARN, '$1"$2"'));
}

/**
 * An answer of the engine with ARNs of this account's region, and labels of streams as DynamoDB writes them: the time at which the
 * stream was turned on. The engine takes ARNs of any region and streams by any label.
 */
export function asOnAws(body: Buffer): Buffer {
  if (!body.includes(ENGINE_REGION)) return body;
  const text = body
    .toString()
    .replaceAll(`:dynamodb:${ENGINE_REGION}:`, `:dynamodb:${account.region}:`)
    .replaceAll(/(\/stream\/|StreamLabel":")(\d+\.\d+)/g, (_, before: string, seconds: string) => before + labelOf(seconds));
  return Buffer.from(text);
}

/** The ARN of a table's stream as the cloud names it; undefined where there is none. */
export function streamArnOnAws(engineArn: unknown): string | undefined {
  return typeof engineArn === "string" ? asOnAws(Buffer.from(engineArn)).toString() : undefined;
}

/** `2026-11-20T19:21:28.685`. */
function labelOf(seconds: string): string {
  return new Date(Math.trunc(Number(seconds) * 1_000)).toISOString().slice(0, -1);
}
