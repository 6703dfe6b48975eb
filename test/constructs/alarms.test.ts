import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { objects, resources, synthesize } from "./fixture.ts";

const { template } = synthesize();
const alarms = ["shop", "audit"].flatMap((service) => [...resources(template(service), "AWS::CloudWatch::Alarm").values()]);
const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");

describe("an alarm", () => {
  test("goes off on dead letters, undelivered events, waiting messages, crashes and throttles of each service", () => {
    const names = (service: string) =>
      alarms.map(({ AlarmName }) => String(AlarmName)).filter((name) => name.includes(`-${service}-`));
    expect(names("shop")).toEqual([
      "fanfare-dev-shop-dead-letters",
      "fanfare-dev-shop-sales-undelivered",
      "fanfare-dev-shop-money-undelivered",
      "fanfare-dev-shop-old-messages",
      "fanfare-dev-shop-function-errors",
      "fanfare-dev-shop-throttles",
    ]);
    expect(names("audit")).toHaveLength(5);
  });

  test("watches a resource that exists", () => {
    const existing = new Set(
      ["shop", "audit"].flatMap((service) => [
        ...[...resources(template(service), "AWS::SQS::Queue").values()].map(({ QueueName }) => QueueName),
        ...[...resources(template(`${service}-function`), "AWS::Lambda::Function").values()].map(
          ({ FunctionName }) => FunctionName,
        ),
      ]),
    );
    for (const { AlarmName, Dimensions } of alarms) {
      const [dimension] = objects(Dimensions);
      expect(existing, String(AlarmName)).toContain(dimension?.["Value"]);
    }
  });

  test("says where the runbook says what to do", () => {
    const sections = new Set([...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => anchorOf(title ?? "")));
    for (const { AlarmName, AlarmDescription } of alarms) {
      const [, anchor] = /docs\/runbook\.md#([a-z-]+)$/.exec(String(AlarmDescription)) ?? [];
      expect(sections, String(AlarmName)).toContain(anchor);
    }
  });

  test("tells nobody unless asked to, and then tells an address of its beginning and its end", () => {
    for (const alarm of alarms) expect(alarm["AlarmActions"]).toBeUndefined();

    const told = synthesize({ alarmEmail: "ops@shop.example" });
    const to = [{ Ref: "AlarmTopicArn" }];
    for (const alarm of resources(told.template("shop"), "AWS::CloudWatch::Alarm").values()) {
      expect(alarm).toMatchObject({ AlarmActions: to, OKActions: to });
    }
    told
      .template("backbone")
      .hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "ops@shop.example" });
  });

  test("tells a topic that exists, when given one", () => {
    const arn = "arn:aws:sns:eu-west-1:123456789012:ops";
    const shop = synthesize({ alarmTopicArn: arn }).template("shop");
    for (const alarm of resources(shop, "AWS::CloudWatch::Alarm").values()) expect(alarm["AlarmActions"]).toEqual([arn]);
  });
});

describe("the dashboard", () => {
  test("shows every alarm, every topic and every service of the stage", () => {
    const [dashboard] = resources(template("operations"), "AWS::CloudWatch::Dashboard").values();
    const body = JSON.stringify(dashboard?.["DashboardBody"]);
    const shown = [...alarms.map(({ AlarmName }) => `:alarm:${String(AlarmName)}`), "fanfare-dev-sales", "fanfare-dev-money"];
    for (const name of [...shown, "fanfare-dev-shop", "fanfare-dev-audit-dlq"]) expect(body).toContain(`${name}\\`);
  });
});

/** The anchor that Markdown viewers give a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}
