import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PermanentError } from "#lib/runtime/index.ts";
import { met, paper, shelf, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("a checkpoint", () => {
  test("keeps the work before it when a later step fails, and publishes nothing until the end", async () => {
    const event = wanted("ladder");
    let runs = 0;
    const build: WorkshopHandler = async ({ data }, unit) => {
      runs += 1;
      const started = await unit.get(shelf, "ladder");
      unit.emit(toolMade, data);
      if (!started) {
        unit.put(shelf, { name: "ladder", pieces: 1, note: "half" });
        await unit.checkpoint();
        throw new Error("a rung breaks");
      }
      unit.put(shelf, { ...started, note: "whole" });
    };

    expect(await workshop.deliver([event], build)).toMatchObject({ failed: [event.id] });
    expect(await workshop.stored(shelf, "ladder")).toMatchObject({ note: "half" });
    expect(workshop.publishedAfter(event)).toEqual([]);

    expect(await workshop.deliver([event], build, { attempt: 2 })).toMatchObject({ failed: [] });
    expect(await workshop.stored(shelf, "ladder")).toMatchObject({ note: "whole" });
    expect(workshop.publishedAfter(event)).toHaveLength(1);
    expect(runs).toBe(2);
  });

  test("makes a handler that added to an item read it again before it puts it, and says so", async () => {
    await workshop.deliver([wanted("trestle", 5)], ({ data }, unit) => unit.put(shelf, data));
    const putAfter =
      (isReadAgain: boolean): WorkshopHandler =>
      async ({ data }, unit) => {
        await unit.get(shelf, data.name);
        unit.add(shelf, data.name, "pieces", 1, { atLeast: 0 });
        await unit.checkpoint();
        const known = isReadAgain ? await unit.get(shelf, data.name) : undefined;
        unit.put(shelf, { ...data, pieces: known?.pieces ?? 0, note: "put" });
      };
    const blind = wanted("trestle");
    await workshop.deliver([blind], putAfter(false));
    expect(workshop.deadLetters(blind)[0]?.reason["errorMessage"]).toContain("again after a checkpoint that added to it");

    await workshop.deliver([wanted("trestle")], putAfter(true));
    expect(await workshop.stored(shelf, "trestle")).toMatchObject({ pieces: 7, note: "put" });
  });

  test("lets the same item be put again after it", async () => {
    const event = wanted("bench");
    const { failed } = await workshop.deliver([event], async (_, unit) => {
      for (const pieces of [1, 2, 3]) {
        unit.put(shelf, { name: "bench", pieces });
        if (pieces < 3) await unit.checkpoint();
      }
    });
    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "bench")).toMatchObject({ pieces: 3 });
  });

  test("commits nothing once the event has been handled by another delivery", async () => {
    const event = wanted("vice");
    const { failed, log } = await workshop.deliver([event], async (_, unit) => {
      await workshop.deliver([event], (_event, other) => other.put(shelf, { name: "vice", pieces: 1 }));
      unit.put(shelf, { name: "second vice", pieces: 1 });
      await unit.checkpoint();
    });

    expect(failed).toEqual([]);
    expect(log.map(({ message }) => message)).toEqual(["event duplicate"]);
    expect(await workshop.stored(shelf, "second vice")).toBeUndefined();
  });

  test("leaves what is written while it commits to the next commit", async () => {
    const { failed } = await workshop.deliver([wanted("chest")], async (_, unit) => {
      unit.put(paper, { name: "lid" });
      const committing = unit.checkpoint();
      unit.put(paper, { name: "lock" });
      unit.put(paper, { name: "lid", note: "closed" });
      await committing;
      unit.put(paper, { name: "key" });
    });

    expect(failed).toEqual([]);
    expect(await workshop.stored(paper, "lid")).toMatchObject({ note: "closed" });
    expect(await workshop.stored(paper, "lock")).toBeDefined();
    expect(await workshop.stored(paper, "key")).toBeDefined();
  });

  test("that fails makes the event fail, even if the handler goes on as if nothing had happened", async () => {
    let transactions = 0;
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (command instanceof TransactWriteItemsCommand && ++transactions === 1) throw new Error("DynamoDB is out of order");
    });
    const event = wanted("bureau");
    const { failed } = await workshop.deliver(
      [event],
      async (_, unit) => {
        unit.put(paper, { name: "bureau top" });
        await unit.checkpoint().catch(() => undefined);
        unit.put(paper, { name: "bureau leg" });
      },
      { clients: { ...workshop.clients, dynamodb } },
    );

    expect(failed).toEqual([event.id]);
    expect(await workshop.stored(paper, "bureau leg")).toBeUndefined();
  });
});

describe("an event that was emitted before a checkpoint", () => {
  /** Tells of each step before its checkpoint, and of the end; fails after the first step on the first attempt. */
  const stepwise =
    (tell: (step: number, attempt: number) => boolean): WorkshopHandler =>
    async ({ data }, unit) => {
      const done = await unit.get(shelf, data.name);
      for (let step = 1; step <= 2; step++) {
        if (tell(step, unit.attempt)) unit.emit(toolMade, { ...data, pieces: step });
        if (step <= (done?.pieces ?? 0)) continue;
        unit.put(shelf, { ...data, pieces: step });
        await unit.checkpoint();
        if (unit.attempt === 1) throw new Error("the glue is out");
      }
      unit.emit(toolMade, { ...data, note: "the end" });
    };

  test.each<[string, (step: number, attempt: number) => boolean, number[]]>([
    ["if the handler does not emit it again", (step, attempt) => step > 1 || attempt === 1, [1, 2, 1]],
    ["once if the handler emits it again", () => true, [1, 2, 1]],
    ["as are those that only a later run emits", (step, attempt) => step === 1 || attempt > 1, [1, 2, 1]],
  ])("is published after a crash, %s", async (what, tell, pieces) => {
    const event = wanted(`step ${what}`);
    await workshop.deliver([event], stepwise(tell));
    expect(workshop.publishedAfter(event)).toEqual([]);
    expect(await workshop.deliver([event], stepwise(tell), { attempt: 2 })).toMatchObject({ failed: [] });

    const published = workshop.publishedAfter(event);
    expect(published.map(({ data }) => data)).toMatchObject(pieces.map((number) => ({ pieces: number })));
    expect(new Set(published.map(({ id }) => id)).size).toBe(pieces.length);
  });

  test("as often as an equal one is published as often, whichever of them come again", async () => {
    const event = wanted("twins");
    const handler: WorkshopHandler = async ({ data }, unit) => {
      const started = await unit.get(shelf, data.name);
      unit.emit(toolMade, data);
      unit.emit(toolMade, data);
      if (!started) {
        unit.put(shelf, data);
        await unit.checkpoint();
        throw new Error("the glue is out");
      }
      unit.emit(toolMade, data);
    };
    await workshop.deliver([event], handler);
    await workshop.deliver([event], handler, { attempt: 2 });

    expect(new Set(workshop.publishedAfter(event).map(({ id }) => id)).size).toBe(3);
    expect(workshop.publishedAfter(event)).toHaveLength(3);
  });

  test("is published by a copy that came for the first time before the checkpoint, and did not know of it", async () => {
    const event = wanted("halves");
    let runs = 0;
    await workshop.deliver([event], async ({ data }, unit) => {
      runs += 1;
      if (runs === 1)
        await workshop.deliver(
          [event],
          stepwise(() => true),
        );
      unit.emit(toolMade, { ...data, note: "made anew" });
    });

    expect(runs).toBe(2);
    const published = workshop.publishedAfter(event).map(({ data }) => data);
    expect(published).toMatchObject([{ pieces: 1 }, { note: "made anew" }]);
  });

  test("is published by a copy that came for the first time, and learns of it from the inbox in the middle of its run", async () => {
    const event = wanted("awl");
    const { failed } = await workshop.deliver([event], async (_, unit) => {
      const begun = await unit.get(paper, "awl");
      if (!begun) {
        await workshop.deliver([event], async (_event, other) => {
          other.put(paper, { name: "awl" });
          other.emit(toolMade, { name: "half an awl", pieces: 1 });
          await other.checkpoint();
          throw new Error("the handle breaks");
        });
      }
      await unit.effects.once("ring:awl", () => Promise.resolve(true));
      unit.emit(toolMade, { name: "awl", pieces: 1 });
    });

    expect(failed).toEqual([]);
    expect(workshop.publishedAfter(event).map(({ data }) => data)).toMatchObject([{ name: "half an awl" }, { name: "awl" }]);
  });

  test("is published even if the event dies after it: its state is committed", async () => {
    const event = wanted("relic");
    await workshop.deliver([event], async ({ data }, unit) => {
      unit.put(shelf, data);
      unit.emit(toolMade, data);
      await unit.checkpoint();
      throw new PermanentError("no such tool");
    });

    expect(workshop.deadLetters(event)).toHaveLength(1);
    expect(workshop.publishedAfter(event)).toHaveLength(1);
  });

  test("is published even if the event dies because it cannot be sent again", async () => {
    const event = wanted("heirloom");
    const sqs = met(workshop.clients.sqs, (command) => {
      if (command instanceof SendMessageCommand && command.input.QueueUrl === workshop.config.queueUrl)
        throw new Error("SQS is out of order");
    });
    const handler: WorkshopHandler = async ({ data }, unit) => {
      unit.put(shelf, data);
      unit.emit(toolMade, data);
      await unit.checkpoint();
      throw new Error("the handle breaks");
    };
    await workshop.deliver([event], handler, { receives: 10, clients: { ...workshop.clients, sqs } });

    expect(workshop.deadLetters(event)).toHaveLength(1);
    expect(workshop.publishedAfter(event)).toHaveLength(1);
  });
});
