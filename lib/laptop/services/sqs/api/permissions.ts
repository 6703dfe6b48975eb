import type { Policies } from "../../../iam/policies.ts";
import { iamArn } from "../../../shared/account.ts";
import { isRecord } from "../../../shared/json.ts";
import type { Input } from "../../protocols/input.ts";
import type { Queue } from "../engine/queue.ts";
import { followPolicy } from "./policy.ts";
import { invalidValue } from "./refusals.ts";

/** Adds a statement to a queue's policy (SQS API reference, AddPermission). */
export function addPermission(queue: Queue, policies: Policies, input: Input): Record<string, unknown> {
  const label = input.text("Label");
  const policy = policyOf(queue);
  const statements = statementsIn(policy);
  if (statements.some((statement) => sidOf(statement) === label)) throw invalidValue(label, "Label", "Already exists.");
  const statement = {
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: oneOrMany(input.texts("AWSAccountIds").map((id) => iamArn("root").replace(/\d{12}/, id))) },
    Action: oneOrMany(input.texts("Actions").map((action) => `SQS:${action}`)),
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
  if (left.length === statements.length) throw invalidValue(label, "Label", "can't find label.");
  return keep(queue, policies, left.length === 0 ? undefined : { ...policy, Statement: left });
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
