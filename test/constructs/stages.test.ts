import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "#lib/constructs/configuration-error.ts";
import { defineService } from "#lib/contracts/index.ts";
import { stageFrom } from "#lib/stacks/choose-stage.ts";
import type { Stages } from "#lib/stacks/stage.ts";
import { stages } from "../../bin/stages.ts";
import { at, audit, resource, resources, sold, synthesize } from "./fixture.ts";

const dev = synthesize();
const prod = synthesize({ stage: "prod", alarmEmail: "ops@shop.example" });

describe("prod", () => {
  test("keeps queues, tables and logs when a stack goes; dev leaves nothing behind", () => {
    for (const type of ["AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::Logs::LogGroup"]) {
      expect([...fates(prod.template("shop"), type)]).toEqual([expect.stringMatching(/^Retain/)]);
      expect(fates(dev.template("shop"), type)).toEqual(new Set(["Delete"]));
    }
  });

  test("takes away what a failed first deployment has made: the next one needs the names. A protected table cannot be", () => {
    for (const type of ["AWS::SQS::Queue", "AWS::Logs::LogGroup"]) {
      expect(fates(prod.template("shop"), type)).toEqual(new Set(["RetainExceptOnCreate"]));
    }
    expect(fates(prod.template("shop"), "AWS::DynamoDB::Table")).toEqual(new Set(["Retain"]));
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

test("two services whose topics have one name, and are not the same, do not make a stage", () => {
  const twin = { ...sold.topic, fifo: true };
  const other = defineService("other", "Means another topic.", {
    consumes: [{ ...sold, topic: twin }],
    publishes: [],
    owns: [],
  });
  expect(() => synthesize({}, [audit, other])).toThrow('topic "sales": it is defined twice');
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
});

describe("a stage is data", () => {
  const settings = { keepsData: false, logDays: 7, emailFrom: "us@example.org" };
  const choose = (stages: Stages, stage: string) => stageFrom(stages, (key) => (key === "stage" ? stage : undefined));

  test("a preview is a stage of its own, under any name of its form", () => {
    const preview = synthesize({ stage: "pr-123" });
    expect(resource(preview.template("shop"), "AWS::SQS::Queue", { QueueName: "fanfare-pr-123-shop" })).toBeDefined();
    expect(fates(preview.template("shop"), "AWS::DynamoDB::Table")).toEqual(new Set(["Delete"]));
  });

  test("one that names an account and a region is deployed there, and any other wherever the credentials are", () => {
    const place = { account: "123456789012", region: "eu-west-1" };
    const stacks = synthesize({ stage: "eu" }, [audit], { eu: { ...settings, ...place } }).stacks;
    expect(stacks.map(({ environment }) => environment)).toEqual(stacks.map(() => "aws://123456789012/eu-west-1"));
    expect(dev.stackOf("shop").environment).toBe("aws://unknown-account/unknown-region");
  });

  test.each([
    ["pr-1-2", /^unknown stage "pr-1-2": expected dev or prod or pr-\*/],
    ["pr-12345678901234", /has 17 characters: expected 16 at most$/],
  ])("no preview may be called %s", (name, message) => {
    expect(() => choose(stages, name)).toThrow(message);
  });

  test.each([
    [{ Dev: settings }, /^stage Dev: expected up to 16 lower-case letters/],
    [{ dev: settings, "dev-anna": settings }, /^stage dev-anna: names of its resources begin like those of stage dev/],
    [{ dev: { ...settings, account: "12" } }, /^stage dev: account is "12": expected 12 digits/],
    [{ dev: { ...settings, region: "Ireland" } }, /^stage dev: region is "Ireland": expected one like eu-west-1/],
    [{ dev: { ...settings, alarmEmail: "a@b.example", alarmTopicArn: "arn" } }, /of stage dev are both given/],
  ])("%o is refused", (wrong: Stages, message) => {
    expect(() => choose(wrong, "dev")).toThrow(message);
  });

  test("logs are kept for as long as CloudWatch offers", () => {
    expect(() => synthesize({}, [audit], { dev: { ...settings, logDays: 8 } })).toThrow(
      /logs kept for 8 days: CloudWatch offers 1, 3,/,
    );
  });
});

describe("the context", () => {
  test.each([
    [
      { stage: "test" },
      'unknown stage "test": expected dev or prod or pr-*, as in -c stage=dev; stages are added in bin/stages.ts',
    ],
    [{ customerKey: "perhaps" }, 'context customerKey is "perhaps": expected true or false'],
    [{ alarmEmail: "ops" }, 'context alarmEmail is "ops": expected an e-mail address'],
    [{ alarmTopicArn: "ops" }, 'context alarmTopicArn is "ops": expected the ARN of an SNS topic'],
    [
      { stage: "prod" },
      "stage prod has nobody to tell of its alarms: pass -c alarmEmail=you@example.org or -c alarmTopicArn=arn:aws:sns:...",
    ],
  ])("%o is refused in one line", (context: Record<string, string>, message) => {
    expect(() => stageFrom(stages, (key) => context[key])).toThrow(new ConfigurationError(message));
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
