import type { IncomingMessage } from "node:http";
import { nameOf } from "../shared/account.ts";
import { isRecord } from "../shared/json.ts";
import { readJson } from "../gateway/json-body.ts";

/** A call of an AWS API, as far as rules of chaos tell calls apart. */
export interface Call {
  /** `dynamodb`, `sns`, ...; absent where it is not known. */
  readonly api: string | undefined;
  readonly operation: string;
  /** Names of the tables, the queue or the topic that it is about. */
  readonly resources: readonly string[];
  /** The actions of a transaction; 0 for any other call. */
  readonly actions: number;
}

/** Says what a call is; `api` is what the gateway takes it for. */
export function describeCall({ headers, method, url }: IncomingMessage, api: string | undefined, body: Buffer): Call {
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    const input = readJson(body);
    const actions = input["TransactItems"];
    const operation = target.slice(target.indexOf(".") + 1);
    return { api, operation, resources: resourcesOf(input), actions: Array.isArray(actions) ? actions.length : 0 };
  }
  const path = (url ?? "").split("?", 1)[0] ?? "";
  if (api === "sns" || api === "sqs") {
    const form = new URLSearchParams(body.toString());
    const resource = nameOf(form.get("TopicArn") ?? lastPart(form.get("QueueUrl") ?? path));
    return { api, operation: form.get("Action") ?? "", resources: resource === "" ? [] : [resource], actions: 0 };
  }
  return { api, operation: operationOf(path) ?? `${method} ${path}`, resources: [], actions: 0 };
}

/** The operations of REST APIs that functions call. */
function operationOf(path: string): string | undefined {
  if (path === "/v2/email/outbound-emails") return "SendEmail";
  return path.endsWith("/invocations") ? "Invoke" : undefined;
}

function resourcesOf(input: Record<string, unknown>): string[] {
  const { TableName: table, QueueUrl: queue, RequestItems: requests, TransactItems: actions } = input;
  const names = [
    table,
    ...(isRecord(requests) ? Object.keys(requests) : []),
    ...(Array.isArray(actions) ? actions.filter(isRecord).flatMap((action) => Object.values(action).map(tableOf)) : []),
    ...(typeof queue === "string" ? [lastPart(queue)] : []),
  ];
  // A table may be named by its ARN as well.
  return [...new Set(names.filter((name) => typeof name === "string").map(lastPart))];
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function tableOf(action: unknown): unknown {
  return isRecord(action) ? action["TableName"] : undefined;
}
