import { afterAll, expect, test } from "vitest";
import { orderPlaced } from "#events";
import { ROOT } from "../../bin/root.ts";
import { findServices } from "../../bin/services.ts";
import inventory from "../../functions/inventory/service.ts";
import ledger from "../../functions/ledger/service.ts";
import notifications from "../../functions/notifications/service.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import payments from "../../functions/payments/service.ts";
import { orderOf } from "../support/fixtures/order.ts";
import { DeployedApp } from "../support/target/deployed-app.ts";
import { eventsOf, tracesOf } from "../support/target/traces.ts";
import { fillShelves } from "./shelves.ts";

const others = new DeployedApp();
afterAll(() => others.cleanUp());

/** Orders something, waits until the customer knows, and lets an event die. */
async function leaveTraces(app: DeployedApp): Promise<void> {
  const placed = orderOf(app.id("order"), await fillShelves(app, 1, "A1"), 1, 0);
  await app.publish(orderPlaced, placed);
  await expect.poll(() => app.item(orders, order, placed.orderId)).toMatchObject({ status: "confirmed" });
  await app.empty(notifications, ledger);
  await app.deadLetter(ledger, await app.send(ledger, "{oops"));
}

/** How many items of each table have to do with what a test file has made. */
async function traces(app: DeployedApp, events: ReadonlySet<string>): Promise<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const service of await findServices(ROOT)) {
    let count = 0;
    for await (const _ of tracesOf(app.clients.dynamodb, app.name(service), app.run, events)) count += 1;
    counts.set(service.name, count);
  }
  return Object.fromEntries(counts);
}

test("a test file takes away all that it has made, and nothing of what others have", async () => {
  const app = new DeployedApp();
  await Promise.all([app, others].map(leaveTraces));
  const events = await eventsOf(app.clients.dynamodb, app.name(ledger), app.run);
  const theirs = await traces(others, new Set());
  await app.cleanUp();

  const services = [inventory, ledger, notifications, orders, payments];
  expect(await traces(app, events)).toEqual(Object.fromEntries(services.map(({ name }) => [name, 0])));
  expect(await app.deadLetters(ledger)).toEqual([]);
  expect(events.size).toBeGreaterThan(4);
  expect(await traces(others, new Set())).toEqual(theirs);
  // The order.
  expect(theirs).toMatchObject({ orders: 1 });
  expect(await others.deadLetters(ledger)).toHaveLength(1);
});
