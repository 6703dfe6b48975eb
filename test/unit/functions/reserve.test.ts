import { BatchGetItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { orderCancelled, orderPlaced } from "#events";
import { keyOf } from "#lib/contracts/entity.ts";
import { createEnvelope, type Envelope } from "#lib/contracts/index.ts";
import { consumer } from "#lib/runtime/index.ts";
import { takeStock } from "../../../bin/demo/stock-take.ts";
import { piecesOf } from "../../../functions/inventory/pieces.ts";
import { release, reserve } from "../../../functions/inventory/reserve.ts";
import inventory from "../../../functions/inventory/service.ts";
import { reservation, reservationLines, stock } from "../../../functions/inventory/stock.ts";
import { invoke, memoryLog, met, Workshop } from "../runtime/workshop.ts";
import { orderOf } from "../../support/fixtures/order.ts";

/** Products of an order that takes four transactions: three times 97, and the rest with the inbox record. */
const skus = Array.from({ length: 300 }, (_, index) => `sku-${index}`);
const LAST = skus.at(-1)!;
const TRANSACTIONS = 4;

/** Items of one BatchGetItem: amazondynamodb, "BatchGetItem". */
const BATCH_GET_ITEMS = 100;

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());
beforeEach(() => takeStock(workshop.clients.dynamodb, "workshop", skus, 10));

let orders = 0;

function placed(): Envelope & { data: { orderId: string } } {
  return createEnvelope(orderPlaced, orderOf(`order-${++orders}`, skus), { source: "test" });
}

function cancelled({ data: { orderId } }: { data: { orderId: string } }): Envelope {
  return createEnvelope(orderCancelled, { orderId, reason: "a test" }, { source: "test" });
}

/** Delivers an event to the inventory, and says whether it took effect; `meet` stands before each of its transactions, the first being 1. */
async function deliver(event: Envelope, attempt: number, meet: Meet = () => undefined): Promise<boolean> {
  let transactions = 0;
  const dynamodb = met(workshop.clients.dynamodb, (command) =>
    command instanceof TransactWriteItemsCommand ? meet((transactions += 1), command) : undefined,
  );
  const { log, lines } = memoryLog();
  const handle = consumer(
    inventory,
    {
      async "order.placed.v1"({ data }, unit) {
        await reserve(data.orderId, piecesOf(data.lines), unit);
      },
      async "order.cancelled.v1"({ data }, unit) {
        await release(data.orderId, unit);
      },
      async "order.rejected.v1"() {},
    },
    { config: { ...workshop.config, service: "inventory" }, clients: { ...workshop.clients, dynamodb }, log },
  );
  await invoke(handle, [{ messageId: event.id, body: JSON.stringify(event) }], { attempt });
  return lines.some(({ message }) => message === "event done" || message === "event duplicate");
}

type Meet = (transaction: number, command: TransactWriteItemsCommand) => unknown;

/** Ends the n-th transaction in a crash: before DynamoDB has it, or after, so that only its answer is lost. */
function crashAt(n: number, when: "before" | "after"): Meet {
  return async (transaction, command) => {
    if (transaction !== n) return;
    if (when === "after") await workshop.clients.dynamodb.send(command);
    throw new Error("the power is out");
  };
}

/** Whether a crash at the n-th of some transactions is one after the event has taken effect: then its inbox record says so. */
function isDone(n: number, when: "before" | "after", transactions = TRANSACTIONS): boolean {
  return n === transactions && when === "after";
}

/** How many pieces are left of each product, each number once. */
async function left(of: readonly string[] = skus): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let start = 0; start < of.length; start += BATCH_GET_ITEMS) {
    const Keys = of.slice(start, start + BATCH_GET_ITEMS).map((sku) => marshall(keyOf(stock, sku)));
    const { Responses } = await workshop.clients.dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { workshop: { Keys, ConsistentRead: true } } }),
    );
    for (const item of Responses?.["workshop"] ?? []) found.push(unmarshall(item)["available"]);
  }
  expect(found).toHaveLength(of.length);
  return [...new Set(found)];
}

const crashes = (transactions: number) =>
  Array.from({ length: transactions }, (_, index) => index + 1).flatMap((n) =>
    (["before", "after"] as const).map((when) => [when, n] as const),
  );

describe("a large reservation", () => {
  test.each(crashes(TRANSACTIONS))("that crashes just %s its transaction %i is resumed and ends whole", async (when, n) => {
    // Exactly what the order takes: the products that it has already must not look short when it is resumed.
    await takeStock(workshop.clients.dynamodb, "workshop", skus, 1);
    const event = placed();
    expect(await deliver(event, 1, crashAt(n, when))).toBe(isDone(n, when));
    expect(await deliver(event, 2)).toBe(true);

    expect(await workshop.stored(reservation, event.data.orderId)).toMatchObject({ status: "reserved", steps: 4, units: 300 });
    expect(await left()).toEqual([0]);
  });

  test("that loses its last product to another order half-way is taken back, and says which product was short", async () => {
    const event = placed();
    expect(await deliver(event, 1, sellOutAt(3))).toBe(true);

    expect(await workshop.stored(reservation, event.data.orderId)).toMatchObject({
      status: "rejected",
      steps: 0,
      shortages: [{ sku: LAST, wanted: 1, available: 0 }],
    });
    expect(await left(skus.slice(0, -1))).toEqual([10]);
    expect(await left([LAST])).toEqual([0]);
  });

  // Three transactions reserve, the fourth fails for the product that is short, and the fifth begins to put back.
  test.each([
    ["after", 5],
    ["before", 6],
    ["after", 6],
    ["before", 7],
    ["after", 7],
  ] as const)(
    "that crashes just %s its transaction %i, while it is taken back, ends with every piece on its shelf",
    async (when, n) => {
      const event = placed();
      const [sellOut, crash] = [sellOutAt(3), crashAt(n, when)];
      const meet: Meet = async (transaction, command) => {
        await sellOut(transaction, command);
        await crash(transaction, command);
      };
      expect(await deliver(event, 1, meet)).toBe(isDone(n, when, 7));
      await takeStock(workshop.clients.dynamodb, "workshop", [LAST], 10); // back in stock, too late for this order
      expect(await deliver(event, 2)).toBe(true);

      expect(await workshop.stored(reservation, event.data.orderId)).toMatchObject({ status: "rejected", steps: 0 });
      expect(await left()).toEqual([10]);
    },
  );

  test.each([1, 2, 3, 4])("that is cancelled before its transaction %i ends with every piece on its shelf", async (n) => {
    const event = placed();
    const cancellation = cancelled(event);
    let released = false;
    await deliver(event, 1, async (transaction) => {
      if (transaction === n) released = await deliver(cancellation, 1);
    });
    await deliver(event, 2);
    expect(released).toBe(true);

    expect(await workshop.stored(reservation, event.data.orderId)).toMatchObject({ status: "released", steps: 0 });
    expect(await left()).toEqual([10]);
  });

  test("that is cancelled half-way is not gone on with, though its release crashes half-way too", async () => {
    const event = placed();
    const cancellation = cancelled(event);
    let released = true;
    const reserved = await deliver(event, 1, async (transaction) => {
      if (transaction === 3) released = await deliver(cancellation, 1, crashAt(2, "before"));
    });
    expect({ reserved, released }).toEqual({ reserved: true, released: false });
    expect(await workshop.stored(reservation, event.data.orderId)).toMatchObject({ status: "releasing", steps: 1 });

    expect(await deliver(cancellation, 2)).toBe(true);
    expect(await workshop.stored(reservation, event.data.orderId)).toMatchObject({ status: "released", steps: 0 });
    expect(await left()).toEqual([10]);
  });

  test.each(crashes(TRANSACTIONS))(
    "whose release crashes just %s its transaction %i is released whole in the end",
    async (when, n) => {
      const event = placed();
      const cancellation = cancelled(event);
      expect(await deliver(event, 1)).toBe(true);
      expect(await deliver(cancellation, 1, crashAt(n, when))).toBe(isDone(n, when));
      expect(await deliver(cancellation, 2)).toBe(true);

      expect(await workshop.stored(reservation, event.data.orderId)).toMatchObject({ status: "released", steps: 0 });
      expect(await left()).toEqual([10]);
    },
  );
});

describe("a small reservation", () => {
  const few = skus.slice(0, 3);

  test("has its lines, and is put back by them", async () => {
    const event = createEnvelope(orderPlaced, orderOf(`order-${++orders}`, few, 2), { source: "test" });
    expect(await deliver(event, 1)).toBe(true);
    expect(await left(few)).toEqual([8]);

    expect(await deliver(cancelled(event), 1)).toBe(true);
    expect(await left(few)).toEqual([10]);
    expect(await workshop.stored(reservation, event.data.orderId)).not.toHaveProperty("lines");
  });

  test("of the last release, whose lines are in an item of their own, is put back too", async () => {
    const orderId = `order-${++orders}`;
    const lines = few.map((sku) => ({ sku, quantity: 2 }));
    const store = (entity: { name: string }, item: object) =>
      workshop.clients.dynamodb.send(
        new PutItemCommand({
          TableName: "workshop",
          Item: marshall({ ...keyOf(entity, orderId), version: 1, orderId, ...item }),
        }),
      );
    await store(reservation, { status: "reserved", steps: 1, units: 6 });
    await store(reservationLines, { lines });

    expect(await deliver(cancelled({ data: { orderId } }), 1)).toBe(true);
    expect(await left(few)).toEqual([12]);
  });
});

/** Somebody else takes the last pieces of the last product just before the n-th transaction. */
function sellOutAt(n: number): Meet {
  return async (transaction) => {
    if (transaction === n) await takeStock(workshop.clients.dynamodb, "workshop", [LAST], 0);
  };
}
