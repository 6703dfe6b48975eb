import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "#lib/constructs/configuration-error.ts";
import { stageFrom } from "#lib/stacks/stage.ts";
import { at, objects, resource, resources, synthesize } from "./fixture.ts";

const dev = synthesize();
const prod = synthesize({ stage: "prod", alarmEmail: "ops@shop.example" });

describe("prod", () => {
  test("keeps queues, tables and logs when a stack goes; dev leaves nothing behind", () => {
    for (const type of ["AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::Logs::LogGroup"]) {
      expect(fates(prod.template("shop"), type)).toEqual(new Set(["Retain"]));
      expect(fates(dev.template("shop"), type)).toEqual(new Set(["Delete"]));
    }
  });

  test("protects tables and stacks from deletion, and can restore tables as dev can", () => {
    const table = resource(prod.template("shop"), "AWS::DynamoDB::Table", { TableName: "fanfare-prod-shop" });
    expect(table).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(prod.stackOf("shop").terminationProtection).toBe(true);
    expect(dev.stackOf("shop").terminationProtection).toBe(false);
  });

  test("keeps logs for longer", () => {
    expect(resource(prod.template("shop"), "AWS::Logs::LogGroup", {})["RetentionInDays"]).toBe(180);
  });
});

describe("the backbone", () => {
  const backbone = dev.template("backbone");

  test("has every topic that a service consumes from or publishes to, each findable by an SSM parameter", () => {
    const topics = resources(backbone, "AWS::SNS::Topic");
    expect([...topics.values()].map(({ TopicName }) => TopicName)).toEqual(["fanfare-dev-sales", "fanfare-dev-money"]);
    for (const [id, { TopicName }] of topics) {
      const parameter = resource(backbone, "AWS::SSM::Parameter", { Value: { Ref: id } });
      expect(parameter["Name"]).toBe(String(TopicName).replace("fanfare-dev-", "/fanfare/dev/topics/"));
    }
  });
});

describe("a key of the customer", () => {
  const stage = synthesize({ customerKey: "true" });

  test("encrypts topics and queues", () => {
    for (const topic of resources(stage.template("backbone"), "AWS::SNS::Topic").values()) {
      expect(topic["KmsMasterKeyId"]).toBeDefined();
    }
    for (const queue of resources(stage.template("shop"), "AWS::SQS::Queue").values()) {
      expect(queue["KmsMasterKeyId"]).toEqual({ Ref: "MessageKeyArn" });
    }
  });

  test("may be used by the topics, which would lose every event otherwise, and by the function", () => {
    const key = resource(stage.template("backbone"), "AWS::KMS::Key", {});
    const uses = { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"] };
    expect(at(key, "KeyPolicy", "Statement")).toContainEqual(
      expect.objectContaining({ ...uses, Principal: { Service: "sns.amazonaws.com" } }),
    );
    const [policy] = objects(resource(stage.template("shop-function"), "AWS::IAM::Role", {})["Policies"]);
    expect(at(policy, "PolicyDocument", "Statement")).toContainEqual(
      expect.objectContaining({ ...uses, Resource: { Ref: "MessageKeyArn" } }),
    );
  });
});

describe("the context", () => {
  test.each([
    [{ stage: "test" }, 'unknown stage "test": expected dev or prod, as in -c stage=dev'],
    [{ customerKey: "perhaps" }, 'context customerKey is "perhaps": expected true or false'],
    [{ alarmEmail: "ops" }, 'context alarmEmail is "ops": expected an e-mail address'],
    [{ alarmTopicArn: "ops" }, 'context alarmTopicArn is "ops": expected the ARN of an SNS topic'],
    [
      { stage: "prod" },
      "stage prod has nobody to tell of its alarms: pass -c alarmEmail=you@example.org or -c alarmTopicArn=arn:aws:sns:...",
    ],
  ])("%o is refused in one line", (context: Record<string, string>, message) => {
    expect(() => stageFrom((key) => context[key])).toThrow(new ConfigurationError(message));
  });

  test("may name another sender of e-mail, from whose domain alone the service may then send", () => {
    const shop = synthesize({ emailFrom: "us@example.org" }).template("shop-function");
    expect(at(resource(shop, "AWS::Lambda::Function", {}), "Environment", "Variables", "EMAIL_FROM")).toBe("us@example.org");
    expect(JSON.stringify(resource(shop, "AWS::IAM::Role", {}))).toContain(":identity/example.org");
  });
});

/** What becomes of the resources of a type when they leave the stack. */
function fates(template: Template, type: string): Set<unknown> {
  return new Set(Object.values(template.findResources(type)).map((found) => at(found, "DeletionPolicy")));
}
