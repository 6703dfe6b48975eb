import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEnvelope, defineEvent, defineService, downcastTo, upcastFrom } from "#lib/contracts/index.ts";
import { consumer } from "#lib/runtime/index.ts";
import { publishedVersions } from "#lib/runtime/publish/published-versions.ts";
import { invoke, memoryLog, shelf, toolWanted, Workshop } from "../workshop.ts";

/** The next version of an event, which its publishers write as the first one too. */
const toolWanted2 = defineEvent({
  ...toolWanted,
  type: "tool.wanted.v2",
  upcasts: [upcastFrom(toolWanted, (data) => data)],
  downcasts: [downcastTo(toolWanted, ({ name, pieces }: { name: string; pieces: number }) => ({ name, pieces }))],
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
