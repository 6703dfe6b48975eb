import { describe, expect, test } from "vitest";
import { readConfig, requireVariable } from "#lib/runtime/lambda/config.ts";
import { consumer } from "#lib/runtime/index.ts";
import { service, toolMade } from "../workshop.ts";

const variables = {
  SERVICE_VERSION: "abc",
  TABLE_NAME: "table",
  QUEUE_URL: "queue",
  DEAD_LETTER_QUEUE_URL: "dead",
  MAX_RECEIVE_COUNT: "10",
  INBOX_DAYS: "32",
  TOPIC_NEWS: "arn:news",
};

describe("a service's configuration", () => {
  test("is what its stack put into the environment", () => {
    expect(readConfig(service, variables)).toEqual({
      service: "workshop",
      version: "abc",
      table: "table",
      queueUrl: "queue",
      deadLetterQueueUrl: "dead",
      maxReceiveCount: 10,
      inboxDays: 32,
      topicArns: new Map([["news", "arn:news"]]),
    });
  });

  test.each(Object.keys(variables))("without %s says that it is missing, and who sets it", (name) => {
    expect(() => readConfig(service, { ...variables, [name]: "" })).toThrow(
      `the environment variable ${name} is missing: the service's stack sets it`,
    );
  });

  test.each(["ten", "0", "1.5", "-1"])("with %j receives says what was expected", (count) => {
    expect(() => readConfig(service, { ...variables, MAX_RECEIVE_COUNT: count })).toThrow(
      `MAX_RECEIVE_COUNT is "${count}": expected a whole number above 0`,
    );
  });

  test("has settings of its own", () => {
    expect(requireVariable("TABLE_NAME", variables)).toBe("table");
  });
});

test("a consumer that lacks a handler for one of its events does not start, and names the event", () => {
  const consumes = { ...service, consumes: [...service.consumes, toolMade] };
  const config = readConfig(service, variables);
  const handlers = { "tool.wanted.v1": () => {} };
  // @ts-expect-error -- TypeScript would not let it pass either
  expect(() => consumer(consumes, handlers, { config })).toThrow(
    "the service workshop consumes tool.made.v1 but has no handler for it",
  );
});
