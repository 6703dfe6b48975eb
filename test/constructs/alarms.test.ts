import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { defineService, defineTopic } from "#lib/contracts/index.ts";
import { byPeriod, isInAlarm, watchedBy } from "./cloudwatch/alarm-state.ts";
import type { Series } from "./cloudwatch/metric-math.ts";
import { audit, desk, event, type Properties, resource, resources, shop, synthesize } from "./fixture.ts";

const { template } = synthesize({}, [shop, audit, desk]);
const TOLD = { alarmEmail: "ops@shop.example" };
const STACKS = ["backbone", "shop", "audit", "desk"];
const alarms = STACKS.flatMap((stack) => [...resources(template(stack), "AWS::CloudWatch::Alarm").values()]);
const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");

describe("an alarm", () => {
  test("watches each part of a service's health, and each topic", () => {
    expect(namesOf("shop")).toEqual([
      "fanfare-dev-shop-dead-letters",
      "fanfare-dev-shop-sales-undelivered",
      "fanfare-dev-shop-money-undelivered",
      "fanfare-dev-shop-old-messages",
      "fanfare-dev-shop-retrying",
      "fanfare-dev-shop-in-flight",
      "fanfare-dev-shop-function-errors",
      "fanfare-dev-shop-throttles",
      "fanfare-dev-shop-table-throttles",
      "fanfare-dev-shop-slow",
      "fanfare-dev-shop-forgotten-letters",
    ]);
    expect(namesOf("audit")).toHaveLength(10);
    expect(namesOf("desk")).toEqual(
      expect.arrayContaining(["behind", "errors", "throttles"].map((what) => `fanfare-dev-desk-relay-${what}`)),
    );
    expect(namesOf("topic")).toEqual([
      "fanfare-dev-topic-sales-lost",
      "fanfare-dev-topic-sales-untyped",
      "fanfare-dev-topic-sales-unconsumed",
      "fanfare-dev-topic-money-lost",
      "fanfare-dev-topic-money-untyped",
      "fanfare-dev-topic-money-unconsumed",
    ]);
  });

  test("watches a resource that exists", () => {
    const named = ["AWS::SQS::Queue", "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::SNS::Topic"];
    const existing = new Set(
      [...STACKS, "shop-function", "audit-function", "desk-function"]
        .flatMap((stack) => named.flatMap((type) => [...resources(template(stack), type).values()]))
        .flatMap(({ QueueName, FunctionName, TableName, TopicName }) => [QueueName, FunctionName, TableName, TopicName]),
    );
    for (const alarm of alarms) {
      for (const { names } of watchedBy(alarm)) {
        expect(names, String(alarm["AlarmName"])).toHaveLength(1);
        expect(existing, String(alarm["AlarmName"])).toContain(names[0]);
      }
    }
  });

  test("says where the runbook says what to do, and why its threshold is what it is", () => {
    const composites = resources(synthesize(TOLD).template("shop"), "AWS::CloudWatch::CompositeAlarm");
    expect(composites.size).toBe(1);
    const sections = new Map(runbook.split(/^## /m).map((text) => [anchorOf(text.split("\n", 1)[0] ?? ""), text]));
    for (const { AlarmName, AlarmDescription } of [...alarms, ...composites.values()]) {
      const [, anchor = ""] = /docs\/runbook\.md#([a-z-]+)$/.exec(String(AlarmDescription)) ?? [];
      expect(sections.get(anchor), String(AlarmName)).toMatch(/^\*\*Threshold\.\*\* .*^\*\*Resolve\.\*\* /ms);
    }
  });

  test("is quiet while nothing happens", () => {
    for (const alarm of alarms) expect(isInAlarm(alarm, { none: [undefined, undefined, undefined, undefined] })).toBe(false);
  });
});

describe("dead letters are heard", () => {
  const deadLetters = alarm("shop-dead-letters");
  const heard = (visible: Series, more: { hidden?: Series; sent?: Series } = {}) =>
    isInAlarm(deadLetters, {
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesNotVisible: more.hidden ?? visible.map(() => 0),
      NumberOfMessagesSent: more.sent ?? visible.map(() => 0),
    });

  test("when the runtime sends one, even while others are taken out", () => {
    expect(heard([5, 5, 5, 3], { sent: [0, 0, 0, 1] })).toBe(true);
  });

  test("when SQS moves one, which counts as sent by nobody", () => {
    expect(heard([0, 0, 0, 1])).toBe(true);
    expect(
      heard([undefined, undefined, undefined, 1], {
        hidden: [undefined, undefined, undefined, 0],
        sent: [undefined, undefined, undefined, 0],
      }),
    ).toBe(true);
  });

  test("when thousands come after one that nobody took out", () => {
    expect(heard([1, 1, 1, 1])).toBe(false);
    expect(heard([1, 1, 1, 10_001])).toBe(true);
  });

  test("and not again when somebody looks at them or sends them back", () => {
    expect(heard([5, 0, 5, 5], { hidden: [0, 5, 0, 0] })).toBe(false);
    expect(heard([5, 5, 2, 0])).toBe(false);
  });

  test.each([
    ["for a minute", [7, 7, 7, 7, 7, 7, 7, 0, 7, 7, 7, 7, 7, 7, 7], [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0], false],
    ["for some of them", [7, 7, 7, 7, 7, 7, 2, 1, 3, 7, 7, 7, 7, 7, 7], [0, 0, 0, 0, 0, 0, 5, 6, 4, 0, 0, 0, 0, 0, 0], false],
    ["while one comes", [7, 7, 7, 7, 7, 7, 7, 0, 8, 8, 8, 8, 8, 8, 8], [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0], true],
  ])("nor when somebody looks at them %s", (_, visible, hidden, isHeard) => {
    const of = (metric: string, minutes: readonly number[]) => byPeriod(deadLetters, metric, minutes);
    const seen = of("ApproximateNumberOfMessagesVisible", visible);
    expect(heard(seen, { hidden: of("ApproximateNumberOfMessagesNotVisible", hidden) })).toBe(isHeard);
  });

  test("for a quarter of an hour, so that the next ones are heard as well", () => {
    expect(heard([0, 1, 1, 1])).toBe(true);
    expect(heard([0, 1, 1, 1, 1])).toBe(false);
  });

  test("once more, four days before the oldest is deleted", () => {
    const day = 24 * 60 * 60;
    const forgotten = alarm("shop-forgotten-letters");
    expect(isInAlarm(forgotten, { ApproximateAgeOfOldestMessage: [9.9 * day] })).toBe(false);
    expect(isInAlarm(forgotten, { ApproximateAgeOfOldestMessage: [10.1 * day] })).toBe(true);
  });
});

test("letters of a service with more topics than one alarm can watch are remembered by two: CloudWatch takes ten metrics", () => {
  const topics = Array.from({ length: 11 }, (_, index) => defineTopic({ name: `topic-${index}`, description: "x" }));
  const consumes = topics.map((topic) => event(topic, `thing${topic.name.slice(6)}.done.v1`));
  const { template } = synthesize({}, [defineService("many", "Has many topics.", { consumes, publishes: [], owns: [] })]);
  const watched = ["forgotten-letters", "forgotten-letters-2"].map((what) =>
    watchedBy(resource(template("many"), "AWS::CloudWatch::Alarm", { AlarmName: `fanfare-dev-many-${what}` })),
  );
  expect(watched.map(({ length }) => length)).toEqual([10, 2]);
});

describe("what a retry heals is not heard", () => {
  test.each([
    [
      "function-errors",
      { Errors: [0, 1, 0, 0], Invocations: [40, 40, 40, 40] },
      { Errors: [9, 9, 9], Invocations: [40, 40, 40] },
    ],
    ["throttles", { Throttles: [0, 20, 0] }, { Throttles: [1, 1, 1] }],
    ["table-throttles", { WriteThrottleEvents: [50, 0, 0] }, { WriteThrottleEvents: [5, 0, 5], ReadThrottleEvents: [0, 5, 0] }],
    ["slow", { Duration: [29_000, 900, 900] }, { Duration: [25_000, 25_000, 25_000] }],
  ])("%s: %o is quiet, %o is not", (what, healed: Record<string, Series>, lasting: Record<string, Series>) => {
    expect(isInAlarm(alarm(`shop-${what}`), healed)).toBe(false);
    expect(isInAlarm(alarm(`shop-${what}`), lasting)).toBe(true);
  });

  test("but what is lost, undelivered, left behind or about to stop is, at once", () => {
    expect(isInAlarm(alarm("topic-sales-lost"), { NumberOfNotificationsFailedToRedriveToDlq: [1] })).toBe(true);
    expect(isInAlarm(alarm("shop-sales-undelivered"), { NumberOfMessagesSent: [1] })).toBe(true);
    expect(isInAlarm(alarm("shop-old-messages"), { ApproximateAgeOfOldestMessage: [901] })).toBe(true);
    expect(isInAlarm(alarm("shop-retrying"), { RetriedEventAge: [1_800_001, undefined] })).toBe(true);
    expect(isInAlarm(alarm("shop-retrying"), { RetriedEventAge: [1_700_000] })).toBe(false);
    expect(isInAlarm(alarm("shop-in-flight"), { ApproximateNumberOfMessagesNotVisible: [96_001] })).toBe(true);
  });
});

describe("with somebody to tell", () => {
  const told = synthesize(TOLD).template("shop");

  test("one alarm for each service tells of its beginning and its end, when any part of its health is bad", () => {
    const composite = resource(told, "AWS::CloudWatch::CompositeAlarm", { AlarmName: "fanfare-dev-shop-unhealthy" });
    const to = [{ Ref: "AlarmTopicArn" }];
    expect(composite).toMatchObject({ AlarmActions: to, OKActions: to });
    const parts = [...resources(told, "AWS::CloudWatch::Alarm")].filter(([, { AlarmActions }]) => AlarmActions === undefined);
    expect(parts).toHaveLength(10);
    for (const [id] of parts) expect(JSON.stringify(composite["AlarmRule"])).toContain(`"${id}"`);
  });

  test("a topic that exists is told, when given", () => {
    const arn = "arn:aws:sns:eu-west-1:123456789012:ops";
    const shop = synthesize({ alarmTopicArn: arn }).template("shop");
    const composite = resource(shop, "AWS::CloudWatch::CompositeAlarm", {});
    expect(composite["AlarmActions"]).toEqual([arn]);
  });

  test("and without, there is no composite alarm to pay for", () => {
    expect(resources(template("shop"), "AWS::CloudWatch::CompositeAlarm").size).toBe(0);
    for (const { AlarmActions } of alarms) expect(AlarmActions).toBeUndefined();
  });
});

describe("the dashboard", () => {
  test("shows every alarm, every topic and every service of the stage", () => {
    const [dashboard] = resources(template("operations"), "AWS::CloudWatch::Dashboard").values();
    const body = JSON.stringify(dashboard?.["DashboardBody"]);
    const shown = [...alarms.map(({ AlarmName }) => `:alarm:${String(AlarmName)}`), "fanfare-dev-sales", "fanfare-dev-money"];
    for (const name of [...shown, "fanfare-dev-shop", "fanfare-dev-audit-dlq"]) expect(body).toContain(`${name}\\`);
  });

  test("finds the runtime's own metrics under the name and the dimensions by which it writes them", () => {
    const [dashboard] = resources(template("operations"), "AWS::CloudWatch::Dashboard").values();
    const body = JSON.stringify(dashboard?.["DashboardBody"]);
    const searched = [...body.matchAll(/\{(Fanfare,[\w,]+)\} MetricName=\W+(\w+)\W+ FunctionName=\W+(fanfare-dev-shop)\b/g)];
    expect(searched.map(([, schema, name]) => [schema, name])).toEqual(
      ["Done", "EventAge", "Retry", "Duplicate"].map((name) => ["Fanfare,FunctionName,EventType", name]),
    );
  });
});

function alarm(what: string): Properties {
  const found = alarms.find(({ AlarmName }) => AlarmName === `fanfare-dev-${what}`);
  if (!found) throw new Error(`there is no alarm ${what}`);
  return found;
}

function namesOf(owner: string): string[] {
  return alarms.map(({ AlarmName }) => String(AlarmName)).filter((name) => name.startsWith(`fanfare-dev-${owner}-`));
}

/** The anchor that Markdown viewers give a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}
