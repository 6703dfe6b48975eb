import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "#lib/constructs/configuration-error.ts";
import { StageNames } from "#lib/constructs/names.ts";
import { inboxDays } from "#lib/constructs/inbox-window.ts";
import { ServiceQueue } from "#lib/constructs/queue/service-queue.ts";
import type { ServiceDefinition } from "#lib/contracts/index.ts";
import { audit, createApp, event, shop, sold, synthesize } from "./fixture.ts";

describe("a service is refused in one line", () => {
  test.each([0, 11, 2.5])("for a batch of %d", (batchSize) => {
    expect(refusal({ ...shop, batchSize })).toBe(
      `service shop: batchSize is ${batchSize}: expected a whole number from 1 to 10; change it in functions/shop/service.ts`,
    );
  });

  test.each([1, 1001])("for a maximum concurrency of %d", (maximumConcurrency) => {
    expect(refusal({ ...shop, maximumConcurrency })).toContain("expected a whole number from 2 to 1000");
  });

  test.each([0, 901])("for a timeout of %d seconds", (timeoutSeconds) => {
    expect(refusal({ ...shop, timeoutSeconds })).toContain("expected a whole number from 1 to 900");
  });

  test("for more event types of one topic than a filter policy takes", () => {
    const types = Array.from({ length: 151 }, (_, index) => event(sold.topic, `item.sold.v${index + 1}`));
    expect(refusal({ ...audit, consumes: types })).toContain(
      "a filter policy of 151 combinations for topic sales: SNS takes 1 to 150",
    );
    expect(refusal({ ...audit, consumes: types.slice(1) })).toBeUndefined();
  });

  test("for a name that makes names too long for AWS", () => {
    expect(refusal({ ...audit, name: "a".repeat(60) })).toContain("has 72 characters, AWS allows 64: shorten");
  });
});

describe("a queue is refused", () => {
  const queue = (visibilityTimeout: Duration) => {
    const names = new StageNames("dev").service(shop);
    const scope = new Stack(createApp());
    return new ServiceQueue(scope, "Queue", {
      names,
      ordered: false,
      functionTimeout: Duration.seconds(30),
      visibilityTimeout,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  };

  test("when it hides a message for less than six function timeouts", () => {
    expect(() => queue(Duration.seconds(179))).toThrow(
      new ConfigurationError(
        "service shop: visibility timeout of 179 s: expected 180 s (6 function timeouts of 30 s) to 43200 s",
      ),
    );
    expect(() => queue(Duration.seconds(180))).not.toThrow();
  });

  test("when it hides a message for more than twelve hours", () => {
    expect(() => queue(Duration.hours(13))).toThrow(ConfigurationError);
  });
});

describe("an inbox", () => {
  test("that forgets an event before the queues do is refused", () => {
    expect(() => inboxDays("shop", 17)).toThrow(/remembers an event for 17 days: expected 18 at least/);
    expect(inboxDays("shop", 18)).toBe(18);
  });
});

/** What is wrong with a service, in the words that its author reads. */
function refusal(definition: ServiceDefinition): string | undefined {
  try {
    synthesize({}, [definition]);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
}
