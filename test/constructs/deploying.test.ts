import { describe, expect, test } from "vitest";
import { defineService, defineTopic, type ServiceDefinition } from "#lib/contracts/index.ts";
import { publishedTypes, understoodTypes } from "#lib/contracts/versions.ts";
import { at, event, resource, resources, synthesize } from "./fixture.ts";

/*
 * The walks of docs/deploying.md, over the templates of two versions of an app: CloudFormation deploys a stack when those that it depends
 * on are deployed, and changes those alone whose templates differ.
 */

const trade = defineTopic({ name: "trade", description: "What is traded." });
const ordered = event(trade, "item.ordered.v1");
const paid = event(trade, "item.paid.v1");
const shipped = event(trade, "item.shipped.v1");

/** Two services that consume from each other, and one that only listens. */
const shop = defineService("shop", "Sells.", { consumes: [paid], publishes: [ordered], owns: [] });
const till = defineService("till", "Takes money.", { consumes: [ordered], publishes: [paid], owns: [] });
const diary = defineService("diary", "Notes.", { consumes: [ordered, paid], publishes: [], owns: [] });
const app = [shop, till, diary];

/** The next version: the shop announces something new, and the diary notes it. */
const nextShop = { ...shop, publishes: [ordered, shipped] };
const nextDiary = { ...diary, consumes: [ordered, paid, shipped] };
const nextApp = [nextShop, till, nextDiary];

const prod = deployment(app);
const next = deployment(nextApp);

describe("a first deployment", () => {
  test.each([
    ["prod", prod],
    ["dev", deployment(app, { stage: "dev" })],
  ])("of %s makes every subscription before any code that publishes under it", (_, { after }) => {
    for (const publisher of app)
      for (const consumer of consumersOf(publisher, app)) {
        expect(after(`${publisher.name}-function`)).toContain(consumer.name);
      }
  });

  test("waits between the last subscription and the first code in prod, for SNS does not know all filters at once", () => {
    for (const { name } of app) {
      expect(after(prod, "filters")).toContain(name);
      expect(after(prod, `${name}-function`)).toContain("filters");
    }
  });

  test("makes the code of a service that only listens before that of those it listens to; of two that listen to each other, neither", () => {
    expect(after(prod, "shop-function")).toContain("diary-function");
    expect(after(prod, "shop-function")).not.toContain("till-function");
    expect(after(prod, "till-function")).not.toContain("shop-function");
  });

  test("finds every value that a stack reads from a parameter in a stack before it, or with the operator", () => {
    for (const stack of prod.names) {
      const missing = prod.reads(stack).filter((name) => !prod.writtenBefore(stack).has(name));
      expect(missing, stack).toEqual([]);
    }
  });
});

describe("a new event", () => {
  test("changes an alarm of the topic, the consumer's subscription, the pause, and besides the code nothing that is deployed", () => {
    expect(changed(prod, next)).toEqual(["backbone", "diary", "filters"]);
  });

  test("is published by code that is deployed after its subscription has had its quarter of an hour", () => {
    expect(types(next, "diary")).toContain("item.shipped.v1");
    expect(pauseOf(next)).not.toEqual(pauseOf(prod));
    expect(after(next, "shop-function")).toEqual(expect.arrayContaining(["diary", "filters", "diary-function"]));
  });

  test("replaces no queue, table or subscription", () => {
    for (const stack of ["shop", "till", "diary"]) expect(kept(next, stack)).toEqual(kept(prod, stack));
  });
});

describe("a removed consumer", () => {
  const without = deployment([shop, till]);

  test("changes nothing of the services that stay", () => {
    const stacks = changed(prod, without).filter((stack) => !stack.startsWith("diary"));
    expect(stacks).toEqual(["filters"]);
  });

  test("leaves its queues and its table behind in prod, with what is in them", () => {
    const template = prod.template("diary").toJSON();
    for (const type of ["AWS::SQS::Queue", "AWS::DynamoDB::Table"]) {
      for (const id of resources(prod.template("diary"), type).keys()) {
        expect(at(template, "Resources", id, "DeletionPolicy")).toMatch(/^Retain/);
      }
    }
  });
});

describe("a rollback of the code", () => {
  const code = prod.names.filter((stack) => stack.endsWith("-function"));

  test("finds all that the former code reads with the queues of the newer version", () => {
    for (const stack of code) {
      const missing = prod.reads(stack).filter((name) => !next.writtenBefore(stack).has(name));
      expect(missing, stack).toEqual([]);
    }
  });

  test("leaves the wider subscriptions as they are: what only the newer code understands waits in the queue", () => {
    expect(types(next, "diary")).toEqual(expect.arrayContaining(types(prod, "diary")));
    expect(code.filter((stack) => resources(prod.template(stack), "AWS::SNS::Subscription").size > 0)).toEqual([]);
  });
});

test("a stage that was deployed with one stack per service keeps its queues, tables and subscriptions under their logical ids", () => {
  const orders = defineTopic({ name: "orders", description: "As the reference system has it." });
  const ledger = defineService("ledger", "Keeps.", { consumes: [event(orders, "order.placed.v1")], publishes: [], owns: [] });
  // As the stack fanfare-prod-ledger had them when the function was still in it.
  expect(kept(deployment([ledger]), "ledger")).toEqual([
    "ServiceFromordersSubscription36472662",
    "ServiceFromordersUndelivered65950071",
    "ServiceQueue3ECC4DDD",
    "ServiceQueueDeadLetterQueue71EFCE04",
    "ServiceTable2D550A17",
  ]);
});

/** One version of the app, as it would be deployed. */
function deployment(
  services: readonly ServiceDefinition[],
  context: Record<string, string> = { stage: "prod", alarmEmail: "ops@shop.example" },
) {
  const { stacks, template } = synthesize(context, services);
  const short = (name: string) => name.replace(/^fanfare-[a-z]+-/, "");
  const before = (name: string): string[] => {
    const stack = stacks.find(({ stackName }) => short(stackName) === name);
    return (stack?.dependencies ?? []).flatMap((one) => [short(one.stackName), ...before(short(one.stackName))]);
  };
  const parameters = (name: string) =>
    Object.values(template(name).findParameters("*")).map((one) => String(at(one, "Default")));
  const written = (name: string) =>
    [...resources(template(name), "AWS::SSM::Parameter").values()].map(({ Name }) => String(Name));
  return {
    template,
    names: stacks.map(({ stackName }) => short(stackName)).toSorted(),
    after: (name: string) => [...new Set(before(name))],
    reads: (name: string) => parameters(name).filter((parameter) => parameter.startsWith("/fanfare/")),
    writtenBefore: (name: string) => new Set(before(name).flatMap(written)),
  };
}

type Deployment = ReturnType<typeof deployment>;

function after(version: Deployment, stack: string): string[] {
  return version.after(stack);
}

/** The stacks that differ between two versions, or are in one of them alone. */
function changed(one: Deployment, other: Deployment): string[] {
  const text = (version: Deployment, stack: string) =>
    version.names.includes(stack) ? JSON.stringify(version.template(stack).toJSON()) : undefined;
  const all = [...new Set([...one.names, ...other.names])].toSorted();
  return all.filter((stack) => isNotDashboard(stack) && text(one, stack) !== text(other, stack));
}

/** The dashboard shows every service: it changes with them, and nothing depends on it. */
function isNotDashboard(stack: string): boolean {
  return stack !== "operations";
}

/** The logical ids of what holds messages and data. */
function kept({ template }: Deployment, stack: string): string[] {
  const lasting = ["AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::SNS::Subscription"];
  return lasting.flatMap((type) => [...resources(template(stack), type).keys()]).toSorted();
}

/** The types that a service's subscription lets through. */
function types({ template }: Deployment, stack: string): unknown[] {
  const found: unknown = at(resource(template(stack), "AWS::SNS::Subscription", {}), "FilterPolicy", "type");
  return Array.isArray(found) ? found : [];
}

function pauseOf({ template }: Deployment): unknown {
  return resource(template("filters"), "Custom::FilterPause", {})["Filters"];
}

function consumersOf(publisher: ServiceDefinition, services: readonly ServiceDefinition[]): ServiceDefinition[] {
  const published = new Set(publisher.publishes.flatMap(publishedTypes));
  return services.filter(({ consumes }) => consumes.flatMap(understoodTypes).some((type) => published.has(type)));
}
