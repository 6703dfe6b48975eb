import { describe, expect, test } from "vitest";
import { defineService, type ServiceDefinition } from "#lib/contracts/index.ts";
import { isInAlarm } from "./cloudwatch/alarm-state.ts";
import type { Series } from "./cloudwatch/metric-math.ts";
import { event, resource, resources, sold, synthesize } from "./fixture.ts";

const lost = event(sold.topic, "item.lost.v1");
const reader = (name: string, ...consumes: ServiceDefinition["consumes"]) =>
  defineService(name, "Reads.", { consumes, publishes: [], owns: [] });

describe("an event without a type is heard", () => {
  const untyped = alarmOf([reader("one", sold)], "untyped");

  test.each(["NumberOfNotificationsFilteredOut-NoMessageAttributes", "NumberOfNotificationsFilteredOut-InvalidAttributes"])(
    "when SNS counts it under %s",
    (metric) => {
      const none = {
        "NumberOfNotificationsFilteredOut-NoMessageAttributes": [undefined, undefined, undefined],
        "NumberOfNotificationsFilteredOut-InvalidAttributes": [undefined, undefined, undefined],
      };
      expect(isInAlarm(untyped, none)).toBe(false);
      expect(isInAlarm(untyped, { ...none, [metric]: [undefined, 1, undefined] })).toBe(true);
    },
  );
});

describe("a version that no service knows is heard", () => {
  test("at its first event where every subscription takes all that is published", () => {
    const unconsumed = alarmOf([reader("one", sold), reader("two", sold)], "unconsumed");
    expect(isInAlarm(unconsumed, counted([0, 0, 0], [7, 7, 7]))).toBe(false);
    expect(isInAlarm(unconsumed, counted([0, 2, 0], [7, 8, 7]))).toBe(true);
  });

  test("when it goes on where some events are dropped by right", () => {
    const unconsumed = alarmOf([reader("one", sold), reader("two", sold, lost), reader("three", sold)], "unconsumed");
    // Two subscriptions of three drop item.lost.v1.
    expect(isInAlarm(unconsumed, counted([4, 4, 4], [9, 9, 9]))).toBe(false);
    expect(isInAlarm(unconsumed, counted([27, 27, 27], [9, 9, 9]))).toBe(true);
    // What is published at the end of a period is dropped in the next.
    expect(isInAlarm(unconsumed, counted([0, 4, 0], [2, 0, 0]))).toBe(false);
  });

  test("by no alarm where a type that is published has no consumer, for drops are no sign there", () => {
    const publisher = defineService("shop", "Sells.", { consumes: [], publishes: [lost], owns: [] });
    const { template } = synthesize({}, [publisher, reader("one", sold)]);
    const alarms = [...resources(template("backbone"), "AWS::CloudWatch::Alarm").values()].map(({ AlarmName }) => AlarmName);
    expect(alarms).not.toContain("fanfare-dev-topic-sales-unconsumed");
  });
});

function alarmOf(services: readonly ServiceDefinition[], what: string) {
  const backbone = synthesize({}, services).template("backbone");
  return resource(backbone, "AWS::CloudWatch::Alarm", { AlarmName: `fanfare-dev-topic-sales-${what}` });
}

function counted(dropped: Series, published: Series) {
  return { "NumberOfNotificationsFilteredOut-MessageAttributes": dropped, NumberOfMessagesPublished: published };
}
