import { expect, test } from "vitest";
import { defineService, defineTopic } from "#lib/contracts/index.ts";
import { audit, desk, event, shop, sold, synthesize } from "./fixture.ts";

const named = (name: string) => defineService(name, "Listens.", { consumes: [sold], publishes: [], owns: [] });

test.each([
  ["audit-dlq", /^the service audit and the service audit-dlq both have a queue fanfare-dev-audit-dlq: rename one of them$/],
  ["audit-sales-undelivered", /both have a queue fanfare-dev-audit-sales-undelivered/],
  ["audit-function", /^the service audit and the service audit-function both have a stack/],
  ["desk-relay", /both have a function fanfare-dev-desk-relay/],
  ["backbone", /^the stage and the service backbone both have a stack fanfare-dev-backbone/],
  ["filter-pause", /^the stage and the service filter-pause both have a function fanfare-dev-filter-pause/],
])("a service %s whose resources would have the names of others is refused at synthesis", (name, message) => {
  expect(() => synthesize({}, [shop, audit, desk, named(name)])).toThrow(message);
});

test("so is a topic with the name of the alarms' topic", () => {
  const raised = event(defineTopic({ name: "alarms", description: "Alarms." }), "alarm.raised.v1");
  const listener = defineService("listener", "Listens.", { consumes: [raised], publishes: [], owns: [] });
  expect(() => synthesize({}, [listener])).toThrow(/^the stage and the topic alarms both have a topic fanfare-dev-alarms/);
});
