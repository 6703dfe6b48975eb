import { afterAll, expect, test } from "vitest";
import { orderPlaced } from "#events";
import { TRANSACTION_ACTIONS } from "#lib/contracts/limits.ts";
import inventory from "../../functions/inventory/service.ts";
import { reservation } from "../../functions/inventory/stock.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import { orderOf } from "../support/fixtures/order.ts";
import { DeployedApp } from "../support/target/deployed-app.ts";
import { fillShelves, left } from "./shelves.ts";

/** Products of an order that takes more transactions than one. */
const PRODUCTS = 2 * TRANSACTION_ACTIONS + 10;

const app = new DeployedApp();
afterAll(() => app.cleanUp());

function names(prefix: string): string[] {
  return Array.from({ length: PRODUCTS }, (_, index) => `${prefix}-${index}`);
}

/** The numbers of pieces that are left, each once. */
async function leftOfAll(skus: readonly string[]): Promise<Set<number | undefined>> {
  return new Set(await left(app, skus));
}

const statusOf = async (orderId: string) => (await app.item(orders, order, orderId))?.status;

test("an order of more products than a transaction holds is reserved whole, to the last piece", async () => {
  const skus = await fillShelves(app, 1, ...names("whole"));
  const placed = orderOf(app.id("whole"), skus, 1, 0);
  await app.publish(orderPlaced, placed);

  await expect.poll(() => statusOf(placed.orderId)).toBe("confirmed");
  expect(await app.item(inventory, reservation, placed.orderId)).toMatchObject({ status: "reserved", units: PRODUCTS });
  expect(await leftOfAll(skus)).toEqual(new Set([0]));
});

test("one whose last product is short is rejected, and every piece stays on its shelf", async () => {
  const skus = await fillShelves(app, 1, ...names("short"));
  const missing = app.id("never-on-the-shelf");
  const placed = orderOf(app.id("short"), [...skus, missing], 1, 0);
  await app.publish(orderPlaced, placed);

  await expect.poll(() => statusOf(placed.orderId)).toBe("rejected");
  expect(await app.item(inventory, reservation, placed.orderId)).toMatchObject({ shortages: [{ sku: missing }] });
  expect(await leftOfAll(skus)).toEqual(new Set([1]));
});

test("of two at once, with pieces for one, one has all of them and the other none", async () => {
  const skus = await fillShelves(app, 1, ...names("rivals"));
  const rivals = ["rival-1", "rival-2"].map((name) => orderOf(app.id(name), skus, 1, 0));
  await Promise.all(rivals.map((data) => app.publish(orderPlaced, data)));

  const statuses = async () => (await Promise.all(rivals.map(({ orderId }) => statusOf(orderId)))).map(String).toSorted();
  await expect.poll(statuses).toEqual(["confirmed", "rejected"]);
  expect(await leftOfAll(skus)).toEqual(new Set([0]));
});
