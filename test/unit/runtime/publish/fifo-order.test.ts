import { PublishBatchCommand } from "@aws-sdk/client-sns";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEnvelope, defineEvent, defineService, defineTopic } from "#lib/contracts/index.ts";
import { consumer } from "#lib/runtime/index.ts";
import { invoke, memoryLog, met, shelf, Workshop } from "../workshop.ts";

const levels = defineTopic({ name: "news", description: "How much lies where.", fifo: true });
const level = {
  topic: levels,
  description: "How much lies there.",
  schema: v.object({ name: v.string(), pieces: v.number() }),
};
const example = { name: "saw", pieces: 1 };
const subject = ({ name }: { name: string }) => name;
const counted = defineEvent({ ...level, type: "level.counted.v1", subject, example });
const told = defineEvent({ ...level, type: "level.told.v1", subject, example });
const teller = defineService("workshop", "Tells of what is counted.", {
  consumes: [counted],
  publishes: [told],
  owns: [shelf],
});

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Handles events of a FIFO queue, one per message. Returns the pieces that SNS was told of, in that order, and the log. */
async function tell(counts: readonly { name: string; pieces: number }[], nameOf = (name: string) => name) {
  const published: number[] = [];
  let requests = 0;
  const sns = met(workshop.clients.sns, async (command) => {
    if (!(command instanceof PublishBatchCommand)) return undefined;
    // The first to commit is slow to publish.
    if (requests++ === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    const entries = command.input.PublishBatchRequestEntries ?? [];
    for (const { Message = "" } of entries)
      published.push(v.parse(v.object({ data: level.schema }), JSON.parse(Message)).data.pieces);
    return { Successful: entries.map(({ Id }) => ({ Id, MessageId: "taken" })) };
  });
  const { log, lines } = memoryLog();
  const config = { ...workshop.config, deadLetterQueueUrl: `${workshop.config.deadLetterQueueUrl}.fifo` };
  const handle = consumer(
    teller,
    async ({ data }, unit) => {
      await unit.get(shelf, data.name);
      unit.put(shelf, data);
      unit.emit(told, { ...data, name: nameOf(data.name) });
    },
    { config, clients: { ...workshop.clients, sns }, log },
  );
  const bodies = counts.map((data) => {
    const event = createEnvelope(counted, data, { source: "test" });
    return { messageId: event.id, body: JSON.stringify(event), groupId: data.name };
  });
  await invoke(handle, bodies);
  return { published, lines };
}

describe("the events of a FIFO topic", () => {
  test("are published in the order of the commits, within a subject and beside others", async () => {
    const { published } = await tell([
      { name: "saw", pieces: 1 },
      { name: "axe", pieces: 10 },
      { name: "saw", pieces: 2 },
      { name: "axe", pieces: 20 },
      { name: "saw", pieces: 3 },
    ]);
    expect(published.filter((pieces) => pieces < 10)).toEqual([1, 2, 3]);
    expect(published.filter((pieces) => pieces >= 10)).toEqual([10, 20]);
  });

  test("cannot be emitted under another subject than the handled event's: two could overtake each other", async () => {
    const { published, lines } = await tell([{ name: "file", pieces: 1 }], () => "all tools");

    expect(published).toEqual([]);
    expect(lines.map(({ message }) => message)).toEqual(["event dead"]);
    expect(lines[0]?.details["error"]).toMatchObject({
      name: "PermanentError",
      message: expect.stringContaining('has the subject "all tools", while the event that is handled has "file"'),
    });
    expect(await workshop.stored(shelf, "file")).toBeUndefined();
  });
});
