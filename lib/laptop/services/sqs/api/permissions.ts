import type { Policies } from "../../../iam/policies.ts";
import { iamArn } from "../../../shared/account.ts";
import { isRecord } from "../../../shared/json.ts";
import type { Input } from "../../protocols/input.ts";
import type { Queue } from "../engine/queue.ts";
import { followPolicy } from "./policy.ts";
import { invalidValue, missingParameter, overLimit } from "./refusals.ts";

/** What others may be allowed to do: SQS API reference, AddPermission. */
const ACTIONS: ReadonlySet<string> = new Set([
  "*",
  "ChangeMessageVisibility",
  "DeleteMessage",
  "GetQueueAttributes",
  "GetQueueUrl",
  "ListDeadLetterSourceQueues",
  "PurgeQueue",
  "ReceiveMessage",
  "SendMessage",
]);
const MOST_ACTIONS = 7;

/** Adds a statement to a queue's policy (SQS API reference, AddPermission). */
export function addPermission(queue: Queue, policies: Policies, input: Input): Record<string, unknown> {
  const label = input.text("Label");
  const actions = input.texts("Actions");
  checkActions(actions);
  if (input.texts("AWSAccountIds").length === 0) throw invalidValue("[]", "PrincipalId", "Unable to verify.");
  const policy = policyOf(queue);
  const statements = statementsIn(policy);
  if (statements.some((statement) => sidOf(statement) === label)) throw invalidValue(label, "Label", "Already exists.");
  const statement = {
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: oneOrMany(input.texts("AWSAccountIds").map((id) => iamArn("root").replace(/\d{12}/, id))) },
    Action: oneOrMany(actions.map((action) => `SQS:${action}`)),
    Resource: queue.arn,
  };
  return keep(queue, policies, { ...policy, Statement: [...statements, statement] });
}

/** Takes a statement out of a queue's policy; the policy goes with its last one. */
export function removePermission(queue: Queue, policies: Policies, input: Input): Record<string, unknown> {
  const label = input.text("Label");
  const policy = policyOf(queue);
  const statements = statementsIn(policy);
  const left = statements.filter((statement) => sidOf(statement) !== label);
  if (left.length === statements.length) {
    const reason = queue.attributes["Policy"] === undefined ? "can't find label." : "can't find label on existing policy.";
    throw invalidValue(label, "Label", reason);
  }
  return keep(queue, policies, left.length === 0 ? undefined : { ...policy, Statement: left });
}

function checkActions(actions: readonly string[]): void {
  if (actions.length === 0) throw missingParameter("Actions");
  if (actions.length > MOST_ACTIONS)
    throw overLimit(`${actions.length} Actions were found, maximum allowed is ${MOST_ACTIONS}.`);
  for (const action of actions) {
    if (ACTIONS.has(action)) continue;
    throw invalidValue(`SQS:${action}`, "ActionName", "Only the queue owner is allowed to invoke this action.");
  }
}

function policyOf({ arn, attributes }: Queue): Readonly<Record<string, unknown>> {
  const policy: unknown = JSON.parse(attributes["Policy"] ?? "{}");
  return { Version: "2008-10-17", Id: `${arn}/SQSDefaultPolicy`, ...(isRecord(policy) && policy) };
}

function statementsIn({ Statement: statements = [] }: Readonly<Record<string, unknown>>): unknown[] {
  return Array.isArray(statements) ? statements : [statements];
}

function sidOf(statement: unknown): unknown {
  return isRecord(statement) ? statement["Sid"] : undefined;
}

function keep(queue: Queue, policies: Policies, policy: object | undefined): Record<string, unknown> {
  const text = policy === undefined ? "" : JSON.stringify(policy);
  followPolicy(policies, queue.arn, text);
  queue.setAttributes({ Policy: text });
  return {};
}

function oneOrMany(values: readonly string[]): string | readonly string[] | undefined {
  return values.length === 1 ? values[0] : values;
}
