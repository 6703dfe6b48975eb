import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Delivery, met, shelf, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Orders the tool from outside, and keeps what came back as its note. */
function buying(buy: (idempotencyKey: string) => Promise<string>): WorkshopHandler {
  return async ({ data }, unit) => {
    const note = await unit.effects.once(`buy:${data.name}`, buy);
    unit.put(shelf, { ...data, note }, { overwrite: true });
  };
}

test("an effect runs once, and whoever asks again has the result of the first", async () => {
  const keys: string[] = [];
  const handler = buying(async (key) => {
    keys.push(key);
    return `receipt ${keys.length}`;
  });
  await workshop.deliver([wanted("forge")], handler);
  await workshop.deliver([wanted("forge", 2)], handler);

  expect(keys).toEqual(["workshop:buy:forge"]);
  expect(await workshop.stored(shelf, "forge")).toMatchObject({ pieces: 2, note: "receipt 1" });
});

test("an effect without a result, and one whose result is null, are not run again either", async () => {
  let runs = 0;
  const handler: WorkshopHandler = async (_, unit) => {
    await unit.effects.once("nothing", async () => void (runs += 1));
    expect(await unit.effects.once("null", async () => (runs++, null))).toBeNull();
  };
  const deliveries = [await workshop.deliver([wanted("air")], handler), await workshop.deliver([wanted("air")], handler)];

  expect(deliveries.flatMap(({ failed }) => failed)).toEqual([]);
  expect(runs).toBe(2);
});

test("whoever comes while an effect runs is sent away for later, and has its result then", async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  let runs = 0;
  const handler = buying(async () => {
    runs += 1;
    started.resolve();
    await finish.promise;
    return "receipt";
  });
  const first = workshop.deliver([wanted("anvil")], handler);
  await started.promise;
  const event = wanted("anvil");
  const second = await workshop.deliver([event], handler);
  finish.resolve();

  expect(second.failed).toEqual([event.id]);
  expect(second.log[0]?.details["reason"]).toBe("the effect buy:anvil is being run by another execution");
  expect((await first).failed).toEqual([]);
  expect((await workshop.deliver([event], handler, { attempt: 2 })).failed).toEqual([]);
  expect(runs).toBe(1);
});

test("an effect that failed is run again at once, under the same idempotency key", async () => {
  const keys: string[] = [];
  const handler = buying(async (key) => {
    keys.push(key);
    if (keys.length === 1) throw new Error("the dealer is out");
    return "receipt";
  });
  const event = wanted("tongs");
  expect((await workshop.deliver([event], handler)).failed).toEqual([event.id]);
  expect((await workshop.deliver([event], handler, { attempt: 2 })).failed).toEqual([]);

  expect(keys).toEqual(["workshop:buy:tongs", "workshop:buy:tongs"]);
});

test("an effect stays done when the event that asked for it fails afterwards", async () => {
  let runs = 0;
  const event = wanted("bellows");
  const handler: WorkshopHandler = async ({ data }, unit) => {
    const note = await unit.effects.once("buy:bellows", async () => `receipt ${++runs}`);
    if (unit.attempt === 1) throw new Error("dropped on the way home");
    unit.put(shelf, { ...data, note });
  };
  await workshop.deliver([event], handler);
  await workshop.deliver([event], handler, { attempt: 2 });

  expect(runs).toBe(1);
  expect(await workshop.stored(shelf, "bellows")).toMatchObject({ note: "receipt 1" });
});

test("a lease whose answer was lost is the caller's own when the SDK asks again: the effect runs", async () => {
  const dynamodb = met(workshop.clients.dynamodb, async (command) => {
    if (command instanceof PutItemCommand) await workshop.clients.dynamodb.send(command);
  });
  let runs = 0;
  const handler = buying(async () => `receipt ${++runs}`);
  const { failed } = await workshop.deliver([wanted("hook")], handler, { clients: { ...workshop.clients, dynamodb } });

  expect(failed).toEqual([]);
  expect(runs).toBe(1);
});

/** Ends the lease of an effect, as it has ended for an execution that was frozen past its deadline. */
async function endLease(key: string): Promise<void> {
  await workshop.clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: "workshop",
      Key: { pk: { S: `effect#workshop#${key}` }, sk: { S: "-" } },
      UpdateExpression: "SET leasedUntil = :past",
      ExpressionAttributeValues: { ":past": { N: "1" } },
    }),
  );
}

test("an execution that has lost its lease can record nothing: the result of the one that took it over stands", async () => {
  const event = wanted("kiln");
  const heir = buying(async () => "the heir's receipt");
  let inherited: readonly string[] = ["never delivered"];
  const zombie = await workshop.deliver(
    [event],
    buying(async () => {
      await endLease("buy:kiln");
      ({ failed: inherited } = await workshop.deliver([wanted("kiln")], heir));
      return "the zombie's receipt";
    }),
  );

  expect(inherited).toEqual([]);
  expect(zombie.failed).toEqual([event.id]);
  expect(zombie.log[0]?.details["reason"]).toContain("outlived its lease");
  expect(await workshop.stored(shelf, "kiln")).toMatchObject({ note: "the heir's receipt" });
});

test("an execution that has lost its lease and fails does not give away the lease of the one that took it over", async () => {
  const event = wanted("press");
  const working = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const heir = buying(async () => {
    working.resolve();
    await finish.promise;
    return "the heir's receipt";
  });
  let inheriting: Promise<Delivery> | undefined;
  await workshop.deliver(
    [event],
    buying(async () => {
      await endLease("buy:press");
      inheriting = workshop.deliver([event], heir, { attempt: 2 });
      await working.promise;
      throw new Error("the zombie falls apart");
    }),
  );
  const third = await workshop.deliver([wanted("press")], heir);
  finish.resolve();

  expect(third.log[0]?.details["reason"]).toContain("is being run by another execution");
  expect(await inheriting).toMatchObject({ failed: [] });
});

test("an effect whose result could not be recorded is not run again while its lease lasts", async () => {
  const event = wanted("mould");
  let runs = 0;
  const dynamodb = met(workshop.clients.dynamodb, (command) => {
    if (command instanceof UpdateItemCommand) throw new Error("DynamoDB is out of order");
  });
  const handler = buying(async () => `receipt ${++runs}`);
  const crashed = await workshop.deliver([event], handler, { clients: { ...workshop.clients, dynamodb } });
  const tooSoon = await workshop.deliver([event], handler, { attempt: 2 });

  expect(crashed.failed).toEqual([event.id]);
  expect(tooSoon.failed).toEqual([event.id]);
  expect(tooSoon.log[0]?.details["reason"]).toContain("is being run by another execution");
  expect(runs).toBe(1);
});

test("an effect whose lease is answered when the handler's time is up does not begin", async () => {
  const timeUp = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown>();
  let runs = 0;
  const dynamodb = met(workshop.clients.dynamodb, async (command) => {
    if (command instanceof PutItemCommand) await timeUp.promise;
  });
  const handler: WorkshopHandler = async (_, unit) => {
    unit.signal.addEventListener("abort", () => timeUp.resolve());
    await unit.effects.once("late", async () => void (runs += 1)).catch(ended.resolve);
  };
  await workshop.deliver([wanted("gong")], handler, { clients: { ...workshop.clients, dynamodb }, milliseconds: 400 });

  expect(await ended.promise).toMatchObject({ name: "HandlerTimeoutError" });
  expect(runs).toBe(0);
});
