import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { orderCancelled, orderPlaced } from "#events";
import { createEnvelope, type DataOf } from "#lib/contracts/index.ts";
import { TRANSACTION_ACTIONS } from "#lib/contracts/limits.ts";
import { readInvoices } from "../../bin/demo/invoices.ts";
import { decide } from "../../bin/demo/shop.ts";
import { piecesOf } from "../../functions/inventory/pieces.ts";
import inventory from "../../functions/inventory/service.ts";
import { reservation, stock } from "../../functions/inventory/stock.ts";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import notifications from "../../functions/notifications/service.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import payments from "../../functions/payments/service.ts";
import { orderOf } from "../support/fixtures/order.ts";
import { openShop, type Shop } from "../support/open-shop.ts";
import { isLong } from "../support/proof.ts";

const INVOICES = join(import.meta.dirname, "../../data/online-retail/online-retail-2010-12.csv");

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const largest = largestOrder();
const pieces = piecesOf(largest.lines);
const skus = pieces.map(({ sku }) => sku);

/** The order with the most lines of five days of a real shop. */
function largestOrder(): DataOf<typeof orderPlaced> {
  const placed = readInvoices(INVOICES)
    .map(decide)
    .flatMap((decision) => ("order" in decision ? [decision.order] : []));
  return placed.reduce((most, next) => (next.lines.length > most.lines.length ? next : most));
}

/** Puts on the shelves exactly what the largest order takes, so many times, and of one product less. */
async function stockUp(times: number, { short }: { short?: string } = {}): Promise<void> {
  const byQuantity = Map.groupBy(pieces, ({ quantity }) => quantity);
  for (const [quantity, group] of byQuantity) {
    await shop.fillShelves(
      group.map(({ sku }) => sku),
      quantity * times,
    );
  }
  const last = pieces.find(({ sku }) => sku === short);
  if (last) await shop.fillShelves([last.sku], last.quantity * times - 1);
}

/** Pieces left on the shelf, by product. */
async function shelves(): Promise<Map<string, number>> {
  const items = await shop.cloud.items(inventory, stock);
  return new Map(items.map(({ sku, available }) => [sku, available]));
}

/** What is left when the largest order has been taken so many times from shelves that held it so many times. */
function left(times: number): [string, number][] {
  return pieces.map(({ sku, quantity }) => [sku, quantity * times]);
}

function expectNothingDead(): void {
  const services = [orders, inventory, payments, notifications, ledger];
  expect(services.flatMap((service) => shop.cloud.deadLetters(service))).toEqual([]);
}

test("the largest order of a real shop has 592 lines of products and postage", () => {
  expect(largest.lines).toHaveLength(592);
  expect(largest.charges).toHaveLength(1);
  expect(pieces.length).toBeGreaterThan(5 * TRANSACTION_ACTIONS);
});

test.runIf(isLong)("an order of 592 lines is reserved whole, to the last piece, and confirmed", async () => {
  const { cloud } = shop;
  await stockUp(1);
  await cloud.publish(orderPlaced, { ...largest, orderId: "large" });
  await cloud.settle();

  expect(await cloud.item(orders, order, "large")).toMatchObject({ status: "confirmed", total: largest.total });
  const units = pieces.reduce((sum, { quantity }) => sum + quantity, 0);
  expect(await cloud.item(inventory, reservation, "large")).toMatchObject({ status: "reserved", units });
  expect([...(await shelves())]).toEqual(expect.arrayContaining(left(0)));
  expectNothingDead();
});

test.runIf(isLong)(
  "an order of 592 lines whose last product is short is rejected, and every piece stays on its shelf",
  async () => {
    const { cloud } = shop;
    const short = skus.at(-1)!;
    await stockUp(1, { short });
    const before = await shelves();
    await cloud.publish(orderPlaced, { ...largest, orderId: "large-short" });
    await cloud.settle();

    expect(await cloud.item(orders, order, "large-short")).toMatchObject({ status: "rejected", reason: "out of stock" });
    expect(await cloud.item(inventory, reservation, "large-short")).toMatchObject({
      status: "rejected",
      shortages: [{ sku: short }],
    });
    expect(await shelves()).toEqual(before);
    expectNothingDead();
  },
);

test.runIf(isLong)("two orders of 592 lines at once, with pieces for one: one has all of them, the other none", async () => {
  const { cloud } = shop;
  await stockUp(1);
  await Promise.all(["rival-1", "rival-2"].map((orderId) => cloud.publish(orderPlaced, { ...largest, orderId })));
  await cloud.settle();

  const rivals = await Promise.all(["rival-1", "rival-2"].map((orderId) => cloud.item(orders, order, orderId)));
  expect(rivals.map((rival) => String(rival?.status)).toSorted()).toEqual(["confirmed", "rejected"]);
  expect([...(await shelves())]).toEqual(expect.arrayContaining(left(0)));
  expectNothingDead();
});

test.runIf(isLong)("an order of 592 lines that is cancelled while it is being reserved gives every piece back", async () => {
  const { cloud } = shop;
  await stockUp(3);
  const ids = ["regret-1", "regret-2", "regret-3"];
  await Promise.all(
    ids.map(async (orderId) => {
      await cloud.publish(orderPlaced, { ...largest, orderId });
      await cloud.publish(orderCancelled, { orderId, reason: "changed their mind" });
    }),
  );
  await cloud.settle();

  for (const orderId of ids) expect(await cloud.item(orders, order, orderId)).toMatchObject({ status: "cancelled" });
  expect([...(await shelves())]).toEqual(expect.arrayContaining(left(3)));
  const kept = shop.provider.payments.filter(({ orderId, refunded }) => ids.includes(orderId) && !refunded);
  expect(kept).toEqual([]);
  expectNothingDead();
});

test.runIf(isLong)(
  "forty orders at once for the same products sell exactly what there is, each order all or nothing",
  async () => {
    const { cloud } = shop;
    await shop.fillShelves(["RUSH-1", "RUSH-2", "RUSH-3"], 25);
    const ids = Array.from({ length: 40 }, (_, index) => `rush-${index}`);
    await Promise.all(ids.map((id) => cloud.publish(orderPlaced, orderOf(id, ["RUSH-1", "RUSH-2", "RUSH-3"]))));
    await cloud.settle();

    const ended = await Promise.all(ids.map((id) => cloud.item(orders, order, id)));
    expect(ended.filter((known) => known?.status === "confirmed")).toHaveLength(25);
    expect(ended.filter((known) => known?.status === "rejected")).toHaveLength(15);
    const onShelf = await shelves();
    expect(["RUSH-1", "RUSH-2", "RUSH-3"].map((sku) => onShelf.get(sku))).toEqual([0, 0, 0]);
    expectNothingDead();
  },
);

test.runIf(isLong)("a journal of more megabytes than one page of a scan is read whole", async () => {
  const { cloud } = shop;
  const ids = Array.from({ length: 30 }, (_, index) => `page-${index}`);
  const events = ids.map((id) => createEnvelope(orderPlaced, largest, { source: "test", id }));
  await Promise.all(events.map((event) => cloud.send(ledger, JSON.stringify(event))));
  await cloud.settle();

  const journal = await cloud.items(ledger, entry);
  expect(Buffer.byteLength(JSON.stringify(journal))).toBeGreaterThan(1024 * 1024);
  expect(ids.filter((id) => !journal.some(({ eventId }) => eventId === id))).toEqual([]);
});
