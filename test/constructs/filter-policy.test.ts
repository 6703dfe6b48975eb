import { describe, expect, test } from "vitest";
import {
  type AnyEventDefinition,
  defineEvent,
  defineService,
  downcastTo,
  type EventDefinition,
  type EventType,
  upcastFrom,
} from "#lib/contracts/index.ts";
import { FilterPolicy } from "#lib/laptop/services/sns/filters/filter-policy.ts";
import { event, resource, sold, synthesize } from "./fixture.ts";

/** A second version of an event, which is read from the first and published beside it. */
const sold2 = nextVersion("item.sold.v2", sold);
const other = event(sold.topic, "item.lost.v1");

/** What a publisher of each version sends: the attributes of each message. */
const ALONE = [{ type: "item.sold.v1" }];
const BESIDE_2 = [{ type: "item.sold.v2" }, { type: "item.sold.v1", newerVersion: "item.sold.v2" }];
const BESIDE_3 = [{ type: "item.sold.v3" }, { type: "item.sold.v2", newerVersion: "item.sold.v3" }, BESIDE_2[1]!];

describe("a service that understands versions 1 and 2, and has asked for the newest alone,", () => {
  const receives = subscriber({ consumes: [sold2, other], newestVersionOnly: true });

  test.each([
    ["version 1 of a publisher that knows no other", ALONE, ["item.sold.v1"]],
    ["version 2 of a publisher of both", BESIDE_2, ["item.sold.v2"]],
    ["version 2 of a publisher of three versions", BESIDE_3, ["item.sold.v2"]],
    ["another event in its one version", [{ type: "item.lost.v1" }], ["item.lost.v1"]],
  ])("receives %s", (_, messages, types) => {
    expect(receives(messages)).toEqual(types);
  });
});

test("a service receives every version that it understands by default: while a filter changes, none may be missed", () => {
  expect(subscriber({ consumes: [sold2] })(BESIDE_3)).toEqual(["item.sold.v2", "item.sold.v1"]);
});

test("a service that understands version 1 alone receives the copy that is made for it", () => {
  expect(subscriber({ consumes: [sold], newestVersionOnly: true })(BESIDE_3)).toEqual(["item.sold.v1"]);
});

test("a service is never without an event while SNS changes its filter from version 1 to versions 1 and 2", () => {
  const [before, after] = [subscriber({ consumes: [sold] }), subscriber({ consumes: [sold2] })];
  // SNS decides on each message alone, by the old policy or the new one.
  for (const message of BESIDE_2.filter(({ type }) => type === "item.sold.v1")) {
    expect([before([message]), after([message])]).toEqual([["item.sold.v1"], ["item.sold.v1"]]);
  }
});

/** What a service's subscription lets through of some messages, by SNS's rules. */
function subscriber(options: { consumes: readonly AnyEventDefinition[]; newestVersionOnly?: boolean }) {
  const service = defineService("reader", "Reads.", { publishes: [], owns: [], ...options });
  const subscription = resource(synthesize({}, [service]).template("reader"), "AWS::SNS::Subscription", {});
  const policy = new FilterPolicy(JSON.stringify(subscription["FilterPolicy"]), "MessageAttributes");
  return (messages: readonly Record<string, string>[]) =>
    messages
      .filter((attributes) => {
        const values = new Map(Object.entries(attributes).map(([name, value]) => [name, [value]]));
        return policy.passes({ json: undefined, values });
      })
      .map(({ type }) => type);
}

function nextVersion<Type extends EventType, Data extends object>(type: Type, older: EventDefinition<EventType, Data>) {
  const same = (data: Data) => data;
  return defineEvent({ ...older, type, upcasts: [upcastFrom(older, same)], downcasts: [downcastTo(older, same)] });
}
