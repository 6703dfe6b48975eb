import { Stack } from "aws-cdk-lib/core";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { created } from "#lib/laptop/cloudformation/resource.ts";
import { resolve } from "#lib/laptop/cloudformation/expressions/intrinsics.ts";
import { Conditions } from "#lib/laptop/cloudformation/expressions/conditions.ts";
import { Place } from "#lib/laptop/cloudformation/expressions/place.ts";
import type { Scope } from "#lib/laptop/cloudformation/expressions/scope.ts";
import { contextOf } from "#lib/laptop/iam/evaluator/context.ts";
import { decide } from "#lib/laptop/iam/evaluator/decide.ts";
import type { Principal } from "#lib/laptop/iam/evaluator/principal.ts";
import { parsePolicy } from "#lib/laptop/iam/evaluator/statement.ts";
import { at, resource, resources, synthesize } from "./fixture.ts";

const ALARM_TYPES = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
const EMAIL = "ops@shop.example";
const ACCOUNT = "000000000000";
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:fanfare-prod-alarms`;

describe.each([{}, { customerKey: "true" }])("an alarm of prod with %o", (option: Record<string, string>) => {
  const stage = synthesize({ stage: "prod", alarmEmail: EMAIL, ...option });
  const backbone = stage.template("backbone");
  const alarms = stage.app.node.children
    .filter((child) => child instanceof Stack)
    .flatMap((stack) => alarmsOf(Template.fromStack(stack), stack.stackName));
  const topic = resource(backbone, "AWS::SNS::Topic", { TopicName: "fanfare-prod-alarms" });
  const policies = [...resources(backbone, "AWS::SNS::TopicPolicy").values()];
  const topicPolicy = resolve(
    policies.find(({ Topics }) => at(Topics, "0", "Ref") === topic.id)?.["PolicyDocument"],
    deployed(backbone, "backbone"),
  );

  test("reaches somebody: it tells a topic, or is part of an alarm that does", () => {
    expect(alarms.length).toBeGreaterThan(10);
    const rules = alarms.map(({ actions, rule }) => (actions.length > 0 ? rule : "")).join(" ");
    const unheard = alarms.filter(({ name, actions }) => actions.length === 0 && !rules.includes(`:alarm:${name})`));
    expect(unheard).toEqual([]);
    expect(new Set(alarms.flatMap(({ actions }) => actions))).toEqual(new Set([TOPIC]));
  });

  test("may publish to that topic, which mails it to the operators", () => {
    for (const { name } of alarms) {
      expect(grants(topicPolicy, { alarm: name, action: "sns:Publish", resource: TOPIC }), name).toBe(true);
    }
    const subscription = resource(backbone, "AWS::SNS::Subscription", { Protocol: "email" });
    expect(subscription).toMatchObject({ Endpoint: EMAIL, TopicArn: { Ref: topic.id } });
  });

  test("may use the key that encrypts the topic, where one does", () => {
    const encrypted = topic["KmsMasterKeyId"] !== undefined;
    expect(encrypted).toBe("customerKey" in option);
    if (!encrypted) return;
    const policy = resolve(resource(backbone, "AWS::KMS::Key", {})["KeyPolicy"], deployed(backbone, "backbone"));
    for (const { name } of alarms) {
      for (const action of ["kms:Decrypt", "kms:GenerateDataKey"]) {
        expect(grants(policy, { alarm: name, action, resource: "*" }), `${action} for ${name}`).toBe(true);
      }
    }
  });

  test.each([{ alarm: "fanfare-dev-shop-dead-letters" }, { account: "111111111111" }, { service: "events.amazonaws.com" }])(
    "may not publish when it is that of %o",
    (stranger) => {
      const wish = { alarm: "fanfare-prod-shop-dead-letters", action: "sns:Publish", resource: TOPIC };
      expect(grants(topicPolicy, wish)).toBe(true);
      expect(grants(topicPolicy, { ...wish, ...stranger })).toBe(false);
    },
  );
});

interface FoundAlarm {
  readonly name: string;
  readonly actions: readonly string[];
  /** Of a composite alarm, with the ARNs of its parts; empty for others. */
  readonly rule: string;
}

function alarmsOf(template: Template, stackName: string): FoundAlarm[] {
  const scope = deployed(template, stackName);
  return ALARM_TYPES.flatMap((type) => [...resources(template, type).values()]).map((alarm) => {
    expect(alarm["OKActions"]).toEqual(alarm["AlarmActions"]);
    const actions = resolve(alarm["AlarmActions"] ?? [], scope);
    return {
      name: String(alarm["AlarmName"]),
      actions: Array.isArray(actions) ? actions.map(String) : [],
      rule: String(resolve(alarm["AlarmRule"] ?? "", scope)).replaceAll('"', ""),
    };
  });
}

/** What the expressions of a stack's template become on AWS: each alarm and topic has the ARN of its name. */
function deployed(template: Template, stackName: string): Scope {
  const arn = (service: string, name: unknown) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${String(name)}`;
  const named = [
    ...[...resources(template, "AWS::SNS::Topic")].map(([id, { TopicName }]) => [id, arn("sns", TopicName)] as const),
    ...ALARM_TYPES.flatMap((type) => [...resources(template, type)]).map(
      ([id, { AlarmName }]) => [id, arn("cloudwatch", `alarm:${String(AlarmName)}`)] as const,
    ),
  ];
  return {
    stackName,
    parameters: new Map([["AlarmTopicArn", TOPIC]]),
    mappings: {},
    conditions: new Conditions({}, stackName),
    place: new Place(),
    created: new Map(named.map(([id, own]) => [id, created(own, { Arn: own })])),
    exports: new Map(),
    outputs: new Map(),
    ssm: () => undefined,
    standIn: (id) => id,
  };
}

/** What CloudWatch wants to do for an alarm. */
interface Wish {
  readonly alarm: string;
  readonly action: string;
  readonly resource: string;
  /** @default the stage's own */
  readonly account?: string;
  /** @default CloudWatch */
  readonly service?: string;
}

/** Whether a policy grants a wish, as IAM would decide. */
function grants(
  policy: unknown,
  { alarm, action, resource: asked, account = ACCOUNT, service = "cloudwatch.amazonaws.com" }: Wish,
) {
  const principal: Principal = {
    kind: "service",
    service,
    sourceArn: `arn:aws:cloudwatch:us-east-1:${account}:alarm:${alarm}`,
  };
  const context = contextOf(principal, (key) => (key === "aws:sourceaccount" ? [account] : undefined), action);
  const { refusal } = decide(
    { principal, action, resource: asked, context },
    { identity: [], resource: parsePolicy(policy, "resource", "the resource") },
  );
  return refusal === undefined;
}
