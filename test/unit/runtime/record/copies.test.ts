import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { identify } from "#lib/runtime/inbox/identity.ts";
import { handledRecord, inboxKey } from "#lib/runtime/inbox/inbox-record.ts";
import { PermanentError } from "#lib/runtime/index.ts";
import { type LogLine, met, readsItem, shelf, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Makes a tool once, and says that it is finished when it is asked again. */
const makeOnce: WorkshopHandler = async ({ data }, unit) => {
  if (await unit.get(shelf, data.name)) throw new PermanentError(`${data.name} is finished`);
  unit.put(shelf, data);
  unit.emit(toolMade, data);
};

const failingSns = () => {
  const sns = met(workshop.clients.sns, (command) => {
    if (command instanceof PublishBatchCommand) throw new Error("SNS is out of order");
  });
  return { ...workshop.clients, sns };
};

const messages = (log: readonly LogLine[]) => log.map(({ message }) => message);

describe("a copy of an event that has taken effect is a duplicate, whatever its handler would say", () => {
  test.each([1, 2, 10])("on its receive %i", async (attempt) => {
    const event = wanted(`plane ${attempt}`);
    await workshop.deliver([event], makeOnce);
    const { failed, log } = await workshop.deliver([event], makeOnce, { attempt });

    expect(failed).toEqual([]);
    expect(messages(log)).toEqual(["event duplicate"]);
    expect(workshop.deadLetters(event)).toEqual([]);
  });

  test("when its contract does not take it any more", async () => {
    const event = wanted("lathe");
    const body = JSON.stringify({ ...event, data: { name: "lathe", pieces: "many" } });
    await workshop.clients.dynamodb.send(new PutItemCommand({ TableName: "workshop", Item: marshall(inboxRecordOf(body)) }));
    const { log } = await workshop.deliverBodies([{ messageId: event.id, body }], makeOnce);
    expect(messages(log)).toEqual(["event duplicate"]);
  });

  test("after its dead letter was sent back, and what could not be published then is published", async () => {
    const event = wanted("gouge");
    const first = await workshop.deliver([event], makeOnce, { clients: failingSns(), attempt: 10 });
    const redriven = await workshop.deliver([event], makeOnce);

    expect([first, redriven].map(({ log }) => messages(log))).toEqual([["event dead"], ["event duplicate"]]);
    expect(workshop.publishedAfter(event)).toHaveLength(1);
  });

  test("when it is a suspect that is not handled again on its last receive", async () => {
    const event = wanted("forge");
    await workshop.deliver([event], makeOnce, { clients: failingSns() });
    const mark = { pk: `handling#workshop#${event.id}`, sk: "-", expiresAt: 9_999_999_999 };
    await workshop.clients.dynamodb.send(new PutItemCommand({ TableName: "workshop", Item: marshall(mark) }));
    const { log } = await workshop.deliver([event], makeOnce, { attempt: 10 });

    expect(messages(log)).toEqual(["event duplicate"]);
    expect(workshop.publishedAfter(event)).toHaveLength(1);
  });

  test("but as long as the inbox cannot be read, it is neither dead nor a duplicate", async () => {
    const event = wanted("anvil");
    await workshop.deliver([event], makeOnce);
    let reads = 0;
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (readsItem(command) && ++reads > 1) throw new Error("DynamoDB is too busy");
    });
    const { failed } = await workshop.deliver([event], makeOnce, { clients: { ...workshop.clients, dynamodb } });

    expect(failed).toEqual([event.id]);
    expect(workshop.deadLetters(event)).toEqual([]);
  });
});

/** The record that the inbox would keep of an event that was handled while its contract still took it. */
function inboxRecordOf(body: string): Record<string, unknown> {
  const published = identify(parseEnvelope(body));
  return { ...inboxKey("workshop", published.id), ...handledRecord(workshop.config, published, [], Date.now()) };
}

describe("an outside effect of an event that has taken effect", () => {
  test("is not begun by a copy, not even one that the first delivery had no cause for", async () => {
    const event = wanted("hinge");
    const effects: string[] = [];
    const handler: WorkshopHandler = async ({ data, id }, unit) => {
      const known = await unit.get(shelf, data.name);
      const effect = known ? "alert" : "charge";
      await unit.effects.once(`${effect}:${id}`, async () => effects.push(effect));
      if (!known) unit.put(shelf, data);
    };
    await workshop.deliver([event], handler);
    const { log } = await workshop.deliver([event], handler);

    expect(effects).toEqual(["charge"]);
    expect(messages(log)).toEqual(["event duplicate"]);
  });

  test.each([
    ["a record", undefined],
    ["an item", { entity: shelf, id: () => "latch" }],
  ])("is not begun by a handler that runs again, with the event remembered in %s meanwhile", async (place, inbox) => {
    const event = wanted(`latch in ${place}`);
    const { subject: name } = event;
    const deliver = (one: typeof event, handler: WorkshopHandler) =>
      workshop.deliver([one], handler, { ...(inbox && { inbox }) });
    const make: WorkshopHandler = async ({ data }, unit) => {
      const pieces = (await unit.get(shelf, data.name))?.pieces ?? 0;
      unit.put(shelf, { ...data, pieces: pieces + 1 });
    };
    const effects: string[] = [];
    let run = 0;
    await deliver(event, async ({ data, id }, unit) => {
      run += 1;
      if (run === 2) await deliver(event, make);
      await unit.get(shelf, data.name);
      await unit.effects.once(`${run}:${id}`, async () => effects.push(`run ${run}`));
      if (run === 1) await deliver(wanted(name), make);
      unit.put(shelf, data);
    });

    expect(effects).toEqual(["run 1"]);
    expect(await workshop.stored(shelf, name)).toMatchObject({ pieces: 2 });
  });

  test.each([
    ["a record", undefined],
    ["the item that it is about", { entity: shelf, id: ({ subject }: { subject: string }) => subject }],
  ])("is not begun after another delivery has handled it, with the event remembered in %s", async (place, inbox) => {
    // A table that has never had its inbox elsewhere.
    await using fresh = await Workshop.open();
    const event = wanted(`bolt in ${place}`);
    const how = { ...(inbox && { inbox }) };
    const effects: string[] = [];
    const { log } = await fresh.deliver(
      [event],
      async ({ data, id }, unit) => {
        await unit.get(shelf, data.name);
        await fresh.deliver([event], () => {}, how);
        await unit.effects.once(`late:${id}`, async () => effects.push("late"));
        unit.put(shelf, data);
      },
      how,
    );
    expect(effects).toEqual([]);
    expect(messages(log)).toEqual(["event duplicate"]);
  });

  test("costs one read of the inbox, however many effects an event has", async () => {
    let reads = 0;
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (readsItem(command)) reads += 1;
    });
    await workshop.deliver(
      [wanted("pulley")],
      async ({ id }, unit) => {
        for (const name of ["first", "second"]) await unit.effects.once(`${name}:${id}`, async () => name);
      },
      { clients: { ...workshop.clients, dynamodb } },
    );
    expect(reads).toBe(1);
  });
});

test("a third copy publishes nothing: the second has noted that everything is published", async () => {
  const event = wanted("echo");
  const published: number[] = [];
  for (let copy = 1; copy <= 4; copy++) {
    await workshop.deliver([event], makeOnce);
    published.push(workshop.publishedAfter(event).length);
  }
  expect(published).toEqual([1, 2, 2, 2]);
});

test("a copy whose events could not be published notes nothing: the next one publishes them", async () => {
  const event = wanted("whistle");
  await workshop.deliver([event], makeOnce, { clients: failingSns() });
  const second = await workshop.deliver([event], makeOnce, { clients: failingSns(), attempt: 2 });
  const third = await workshop.deliver([event], makeOnce, { attempt: 3 });

  expect(second.failed).toEqual([event.id]);
  expect(messages(third.log)).toEqual(["event duplicate"]);
  expect(workshop.publishedAfter(event)).toHaveLength(1);
});
