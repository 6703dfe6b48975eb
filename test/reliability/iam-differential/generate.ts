import { administrator, type Principal, roleSession } from "#lib/laptop/iam/evaluator/principal.ts";
import { Random } from "../../support/random.ts";
import type { Case, PolicyStatement } from "./case.ts";
import { randomCondition } from "./generate-condition.ts";
import { actions, globalKeys, type KeySpec } from "./keys.ts";

export const ROLE = "arn:aws:iam::000000000000:role/orders";
const SESSION = roleSession(ROLE, "fn", new Map([["team", "shop"]]));
const TOPIC = "arn:aws:sns:us-east-1:000000000000:events";

/** The case of a number: the same for the same seed, whatever the others. */
export function randomCase(seed: number, number: number): Case {
  const random = new Random(seed, `case ${number}`);
  const principal = randomPrincipal(random);
  const { name: action, resources, keys } = random.pick(actions);
  const resource = random.pick(resources);
  const known = [...globalKeys, ...keys, ...keys, ...keys];
  const statements = (kind: "identity" | "resource", most: number) =>
    Array.from({ length: random.below(most + 1) }, () => randomStatement(random, { kind, action, resource, keys: known }));
  return {
    principal,
    action,
    resource,
    context: randomContext(random, principal, [...globalKeys, ...keys]),
    identity: principal.kind === "role" ? statements("identity", 3) : [],
    boundary: principal.kind === "role" && random.chance(0.25) ? statements("identity", 2) : undefined,
    ofResource: random.chance(0.6) ? statements("resource", 3) : [],
  };
}

function randomPrincipal(random: Random): Principal {
  if (random.chance(0.7)) return SESSION;
  if (random.chance(0.3)) return administrator;
  return { kind: "service", service: random.pick(["sns.amazonaws.com", "s3.amazonaws.com"]), sourceArn: TOPIC };
}

/** The global keys are as this laptop has them for the caller; those of the call itself are there or not. */
function randomContext(random: Random, { kind }: Principal, keys: readonly KeySpec[]): Case["context"] {
  const context: Record<string, string | readonly string[]> = {};
  for (const { name, type, inCalls } of keys) {
    if (inCalls.length === 0) continue;
    if (type === "strings") {
      const values = random.shuffled(inCalls).slice(0, random.below(3));
      if (values.length > 0 || random.chance(0.3)) context[name] = values;
    } else if (!name.startsWith("aws:") || name.startsWith("aws:RequestTag/")) {
      if (random.chance(0.6)) context[name] = random.pick(inCalls);
    } else if (hasGlobalKey(kind, name))
      context[name] = kind === "account" && name === "aws:PrincipalArn" ? administratorArn : (inCalls[0] ?? "");
  }
  if (kind === "service") Object.assign(context, { "aws:PrincipalIsAWSService": "true", "aws:SourceArn": TOPIC });
  return context;
}

const administratorArn = administrator.kind === "account" ? administrator.arn : "";

function hasGlobalKey(kind: Principal["kind"], name: string): boolean {
  if (name.startsWith("aws:PrincipalTag/")) return kind === "role";
  if (name === "aws:SourceArn" || name === "aws:SourceAccount") return kind === "service";
  if (name === "aws:PrincipalArn" || name === "aws:PrincipalAccount" || name === "aws:SourceIp") return kind !== "service";
  return true;
}

interface About {
  readonly kind: "identity" | "resource";
  readonly action: string;
  readonly resource: string;
  readonly keys: readonly KeySpec[];
}

function randomStatement(random: Random, { kind, action, resource, keys }: About): PolicyStatement {
  const condition = random.chance(0.6) ? randomCondition(random, keys) : undefined;
  return {
    Effect: random.chance(0.72) ? "Allow" : "Deny",
    ...(kind === "resource" && randomPrincipalElement(random)),
    [random.chance(0.88) ? "Action" : "NotAction"]: oneOrMore(random, actionPatterns(action)),
    [random.chance(0.88) ? "Resource" : "NotResource"]: oneOrMore(random, resourcePatterns(resource)),
    ...(condition && { Condition: condition }),
  };
}

function randomPrincipalElement(random: Random): object {
  const element = random.chance(0.85) ? "Principal" : "NotPrincipal";
  const arns = [ROLE, SESSION.sessionArn, "arn:aws:iam::000000000000:root", "000000000000", "111111111111", `${ROLE}-2`];
  if (random.chance(0.2) && element === "Principal") return { [element]: random.pick(["*", { AWS: "*" }]) };
  if (random.chance(0.3)) return { [element]: { Service: random.pick(["sns.amazonaws.com", "s3.amazonaws.com"]) } };
  return { [element]: { AWS: oneOrMore(random, arns) } };
}

function actionPatterns(action: string): string[] {
  const [service = "", name = ""] = action.split(":");
  return [
    action,
    action,
    `${service}:*`,
    "*",
    `${service.toUpperCase()}:${name.toLowerCase()}`,
    `${service}:${name.slice(0, 3)}*`,
    `${service}:?${name.slice(1)}`,
    "sqs:PurgeQueue",
  ];
}

function resourcePatterns(resource: string): string[] {
  const parts = resource.split(":");
  const last = parts.at(-1) ?? "";
  const head = parts.slice(0, -1).join(":");
  return [
    resource,
    resource,
    "*",
    `${head}:*`,
    `${head}:${last.slice(0, 2)}*`,
    `${head}:?${last.slice(1)}`,
    `${head}:\${aws:PrincipalTag/team}/*`,
    `${head}:\${aws:PrincipalTag/other, 'orders'}`,
    `${head}:\${aws:PrincipalTag/other}*`,
    `${head}:papers/\${aws:PrincipalTag/team}/1`,
    `${head.replace("000000000000", "${aws:PrincipalAccount}")}:${last}`,
    `${head.replace("us-east-1", "*")}:${last}`,
    `${head}:${last}-2`,
    `${head}:\${*}`,
  ];
}

/** A pattern of S3 has no colon but those of its head. */
function oneOrMore(random: Random, patterns: readonly string[]): string | string[] {
  if (random.chance(0.7)) return random.pick(patterns);
  return [...new Set([random.pick(patterns), random.pick(patterns)])];
}
