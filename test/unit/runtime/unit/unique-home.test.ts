import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InboxHome } from "#lib/contracts/inbox-home.ts";
import type { Envelope } from "#lib/contracts/index.ts";
import { type DeliveryOptions, met, paper, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

/** Each event has a note of its own. */
const inbox: InboxHome = { entity: paper, id: ({ source, id }) => `${source} ${id}`, unique: true };

const note: WorkshopHandler = ({ source, id, data }, unit) => {
  unit.put(paper, { name: `${source} ${id}`, text: data.name }, { overwrite: true });
  unit.emit(toolMade, data);
};

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Hands an event to the workshop, and says how it ended. */
async function deliver(event: Envelope, options: DeliveryOptions = {}): Promise<string | undefined> {
  const { log } = await workshop.deliver([event], note, { inbox, ...options });
  return log.at(-1)?.message;
}

test("an item that each event has for itself is written without having been read", async () => {
  await deliver(wanted("the first in the table"));
  const calls: string[] = [];
  const dynamodb = met(workshop.clients.dynamodb, (command) => {
    if (!(command instanceof GetItemCommand && command.input.Key?.["pk"]?.S?.startsWith("handling#")))
      calls.push(command.constructor.name);
  });
  await deliver(wanted("unique"), { clients: { ...workshop.clients, dynamodb } });
  expect(calls).toEqual([PutItemCommand.name]);
});

test("its event takes effect once, and copies publish what may be unpublished", async () => {
  const event = wanted("memo");
  const outcomes: (string | undefined)[] = [];
  for (const attempt of [1, 1, 2]) outcomes.push(await deliver(event, { attempt }));
  expect(outcomes).toEqual(["event done", "event duplicate", "event duplicate"]);
  expect(workshop.publishedAfter(event)).toHaveLength(2);
});

test("copies of its event at the same moment take effect once", async () => {
  const event = wanted("echo");
  const outcomes = await Promise.all([deliver(event), deliver(event), deliver(event)]);
  expect(outcomes.filter((outcome) => outcome === "event done")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === "event duplicate")).toHaveLength(2);
});

test("an item that was written before, without the event, is overwritten if the handler says so", async () => {
  const event = wanted("letter");
  const name = `${event.source} ${event.id}`;
  await workshop.deliver([wanted("letter")], (_, unit) => unit.put(paper, { name, text: "old" }), { inbox });
  expect(await deliver(event)).toBe("event done");
  expect(await workshop.stored(paper, name)).toMatchObject({ text: "letter" });
});
