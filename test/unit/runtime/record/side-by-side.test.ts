import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEnvelope, defineEvent, defineService, downcastTo, upcastFrom } from "#lib/contracts/index.ts";
import { consumer } from "#lib/runtime/index.ts";
import { publishedVersions } from "#lib/runtime/publish/published-versions.ts";
import { invoke, memoryLog, met, shelf, toolMade, toolWanted, wanted, Workshop } from "../workshop.ts";

/** The next version of an event, which its publishers write as the first one too. */
const toolWanted2 = defineEvent({
  ...toolWanted,
  type: "tool.wanted.v2",
  upcasts: [upcastFrom(toolWanted, (data) => data)],
  downcasts: [downcastTo(toolWanted, ({ name, pieces }: { name: string; pieces: number }) => ({ name, pieces }))],
});

/** An event that the workshop publishes in two versions. */
const toolMade2 = defineEvent({
  ...toolMade,
  type: "tool.made.v2",
  downcasts: [downcastTo(toolMade, ({ name, pieces }: { name: string; pieces: number }) => ({ name, pieces }))],
});

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("an event that is published in two versions", () => {
  test.each([
    ["the newer one first", 0, 1],
    ["the older one first", 1, 0],
  ])("takes effect once in a service that receives both, %s", async (name, first, second) => {
    const versions = messagesOf(name);
    const messages = await deliver([versions[first]!], [versions[second]!]);
    expect(messages).toEqual(["event done", "event duplicate"]);
    expect(await workshop.stored(shelf, name)).toMatchObject({ pieces: 3 });
  });

  test("takes effect in a service that knows the older one alone, which leaves the newer one as a copy", async () => {
    const [newer, older] = messagesOf("old");
    expect(await deliverToOld(older!, newer!)).toEqual(["event done", "event duplicate"]);
    expect(await workshop.stored(shelf, "old")).toMatchObject({ pieces: 3 });
  });
});

test("a handler's event of two versions is one event, published in both after a crash between commit and publish", async () => {
  const service = defineService("workshop", "Makes tools.", { consumes: [toolWanted], publishes: [toolMade2], owns: [shelf] });
  const { log, lines } = memoryLog();
  const config = workshop.config;
  const event = wanted("twin");
  const record = { messageId: event.id, body: JSON.stringify(event) };
  const unreachable = met(workshop.clients.sns, () => {
    throw new Error("SNS cannot be reached");
  });
  for (const sns of [unreachable, workshop.clients.sns]) {
    const clients = { ...workshop.clients, sns };
    const handle = consumer(service, ({ data }, unit) => unit.emit(toolMade2, data), { config, clients, log });
    await invoke(handle, [record]);
  }

  expect(lines.at(-1)?.message).toBe("event duplicate");
  const published = workshop.publishedAfter(event);
  expect(published.map(({ type }) => type)).toEqual(["tool.made.v2", "tool.made.v1"]);
  expect(new Set(published.map(({ source, id }) => `${source} ${id}`)).size).toBe(1);
});

describe("an event of a type that the service's subscription lets through and its code does not know", () => {
  test("waits for the code instead of being dead", async () => {
    const [newer] = messagesOf("early");
    expect(await deliverToOld(newer!)).toEqual(["event retried later"]);
    expect(workshop.deadLetters({ id: newer!.messageId })).toEqual([]);
    expect(await deliver([newer!])).toEqual(["event done"]);
  });

  test("is dead at once when no subscription has let it through", async () => {
    const [newer] = messagesOf("stray");
    const { type: _, ...sent } = newer!;
    expect(await deliverToOld(sent)).toEqual(["event dead"]);
  });
});

/** The messages of both versions of an event, as SNS delivers them. */
function messagesOf(name: string) {
  const envelope = createEnvelope(toolWanted2, { name, pieces: 3 }, { source: "mill" });
  return publishedVersions(toolWanted2, envelope).map((version) => ({
    messageId: `${version.definition.type} of ${name}`,
    type: version.definition.type,
    body: JSON.stringify(version.envelope),
  }));
}

type Message = Omit<ReturnType<typeof messagesOf>[number], "type"> & { readonly type?: string };

/** Delivers batches to a service of the newer version; says how each event ended. */
async function deliver(...batches: readonly (readonly Message[])[]): Promise<string[]> {
  const { log, lines } = memoryLog();
  const service = defineService("workshop", "Makes tools.", { consumes: [toolWanted2], publishes: [], owns: [shelf] });
  const handle = consumer(service, ({ data }, unit) => unit.put(shelf, data), {
    config: workshop.config,
    clients: workshop.clients,
    log,
  });
  for (const batch of batches) await invoke(handle, batch);
  return lines.map(({ message }) => message);
}

/** Delivers messages one by one to a service whose code is that of the older version. */
async function deliverToOld(...messages: readonly Message[]): Promise<string[]> {
  const { log, lines } = memoryLog();
  const service = defineService("workshop", "Makes tools.", { consumes: [toolWanted], publishes: [], owns: [shelf] });
  const handle = consumer(service, ({ data }, unit) => unit.put(shelf, data), {
    config: workshop.config,
    clients: workshop.clients,
    log,
  });
  for (const message of messages) await invoke(handle, [message]);
  return lines.map(({ message }) => message);
}
