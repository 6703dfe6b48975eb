import { describe, expect, test } from "vitest";
import { contextOf } from "#lib/laptop/iam/evaluator/context.ts";
import { decide } from "#lib/laptop/iam/evaluator/decide.ts";
import { roleSession } from "#lib/laptop/iam/evaluator/principal.ts";
import { parsePolicy } from "#lib/laptop/iam/evaluator/statement.ts";
import { at, objects, resource, resources, synthesize } from "./fixture.ts";

const ACCOUNT = "000000000000";
const before = synthesize({ stage: "prod", alarmEmail: "ops@shop.example", canary: "false" });
const after = synthesize({ stage: "prod", alarmEmail: "ops@shop.example", canary: "false", customerKey: "true" });
const key = resource(after.template("backbone"), "AWS::KMS::Key", {});

/** The tags of the roles that are deployed when the key is turned on. */
const tags = new Map(
  objects(resource(before.template("shop-function"), "AWS::IAM::Role", {})["Tags"]).map(({ Key, Value }): [string, string] => [
    String(Key),
    String(Value),
  ]),
);

describe("a customer key that is turned on for a live stage", () => {
  test("changes nothing about a function or its role: those that run may use it as soon as there is one", () => {
    expect(after.template("shop-function").toJSON()).toEqual(before.template("shop-function").toJSON());
    for (const service of ["sns", "sqs", "s3"]) {
      expect(allowed({ via: service })).toBe(true);
    }
  });

  test("replaces no topic, queue or table, and keeps their names", () => {
    for (const stack of ["backbone", "shop", "audit"]) {
      for (const type of ["AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::SNS::Subscription"]) {
        const ids = [...resources(before.template(stack), type).keys()];
        expect([...resources(after.template(stack), type).keys()]).toEqual(ids);
      }
    }
  });

  test("is there, with its policy, before a topic or queue uses it", () => {
    for (const topic of resources(after.template("backbone"), "AWS::SNS::Topic").values()) {
      expect(topic["KmsMasterKeyId"]).toEqual({ "Fn::GetAtt": [key.id, "Arn"] });
    }
    const parameter = resource(after.template("backbone"), "AWS::SSM::Parameter", { Name: "/fanfare/prod/key" });
    expect(parameter["Value"]).toEqual({ "Fn::GetAtt": [key.id, "Arn"] });
    for (const queue of resources(after.template("shop"), "AWS::SQS::Queue").values()) {
      expect(queue["KmsMasterKeyId"]).toEqual({ Ref: "MessageKeyArn" });
    }
  });

  test("lets each topic deliver to the queues, for SNS would drop what it cannot encrypt", () => {
    const delivery = objects(at(key, "KeyPolicy", "Statement")).find(({ Sid }) => Sid === "Delivery");
    expect(delivery).toMatchObject({ Principal: { Service: "sns.amazonaws.com" } });
    const sources = JSON.stringify(at(delivery, "Condition", "ArnLike", "aws:SourceArn"));
    const named = [...resources(after.template("backbone"), "AWS::SNS::Topic").values()].map(({ TopicName }) =>
      String(TopicName),
    );
    const silent = named.filter((name) => !sources.includes(`:${name}"`));
    expect(silent).toEqual(["fanfare-prod-alarms"]);
  });

  test.each([
    ["of another stage", { tags: new Map([...tags, ["stage", "dev"]]) }],
    ["of something else", { tags: new Map() }],
    ["that does not come through SNS, SQS or S3", { via: "ec2" }],
    ["of another account", { account: "111111111111" }],
  ])("may not be used by a role %s", (_, role: Role) => {
    expect(allowed(role)).toBe(false);
  });

  test("outlives its stack in prod: what it has encrypted can be read when it is turned off again", () => {
    const keys = after.template("backbone").findResources("AWS::KMS::Key");
    expect(Object.values(keys).map((found) => at(found, "DeletionPolicy"))).toEqual(["RetainExceptOnCreate"]);
  });
});

/** What KMS knows of a role that calls. */
interface Role {
  readonly tags?: ReadonlyMap<string, string>;
  /** The service that it calls KMS through. */
  readonly via?: string;
  readonly account?: string;
}

/** Whether the key's policy lets a role decrypt: by default one of a function of the stage, through SQS. */
function allowed({ tags: own = tags, via = "sqs", account = ACCOUNT }: Role): boolean {
  const principal = roleSession(`arn:aws:iam::${account}:role/shop`, "shop", own);
  const known: Record<string, string> = { "kms:calleraccount": account, "kms:viaservice": `${via}.us-east-1.amazonaws.com` };
  const action = "kms:Decrypt";
  const context = contextOf(principal, (name) => (name in known ? [known[name]!] : undefined), action);
  const policy: unknown = JSON.parse(JSON.stringify(key["KeyPolicy"], (_, value: unknown) => resolved(value)));
  const policies = { identity: [], resource: parsePolicy(policy, "resource", "the key") };
  return decide({ principal, action, resource: "*", context }, policies).refusal === undefined;
}

/** The few expressions that stand in the key's policy. */
function resolved(value: unknown): unknown {
  const pseudo: Record<string, string> = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": "us-east-1",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
  };
  const ref: unknown = at(value, "Ref");
  if (typeof ref === "string") return pseudo[ref] ?? ref;
  const join: unknown = at(value, "Fn::Join");
  return Array.isArray(join) && Array.isArray(join[1]) ? join[1].map(resolved).join(String(join[0])) : value;
}
