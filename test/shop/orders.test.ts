import { afterAll, describe, expect, test } from "vitest";
import { orderCancelled, orderPlaced } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import inventory from "../../functions/inventory/service.ts";
import { reservation } from "../../functions/inventory/stock.ts";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import { email } from "../../functions/notifications/email.ts";
import notifications from "../../functions/notifications/service.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import { payment } from "../../functions/payments/payment.ts";
import payments from "../../functions/payments/service.ts";
import { orderOf } from "../support/fixtures/order.ts";
import { DeployedApp } from "../support/target/deployed-app.ts";
import { fillShelves, left } from "./shelves.ts";

const app = new DeployedApp();
afterAll(() => app.cleanUp());

/** An order that costs nothing, so that it needs no payment provider. */
function freeOrder(name: string, skus: readonly string[], quantity = 1) {
  return orderOf(app.id(name), skus, quantity, 0);
}

/** What has become of an order. */
const stateOf = (orderId: string) => app.item(orders, order, orderId);

/** The types of all events of an order, one for each event, in alphabetical order. */
async function storyOf(orderId: string): Promise<string[]> {
  const journal = await app.items(ledger, entry);
  return journal
    .filter(({ subject }) => subject === orderId)
    .map(({ type }) => type)
    .toSorted();
}

/** What the customer of an order has been told. */
async function toldAbout(orderId: string) {
  return (await app.items(notifications, email)).filter((message) => message.orderId === orderId);
}

test("an order in stock is reserved, confirmed and e-mailed, and every event of it is in the journal", async () => {
  const skus = await fillShelves(app, 10, "A1", "A2");
  const placed = freeOrder("happy", skus, 3);
  await app.publish(orderPlaced, placed);

  const { orderId } = placed;
  await expect
    .poll(() => storyOf(orderId))
    .toEqual(["email.sent.v1", "order.confirmed.v1", "order.placed.v1", "payment.captured.v1", "stock.reserved.v1"]);
  expect(await stateOf(orderId)).toMatchObject({ status: "confirmed" });
  expect(await app.item(inventory, reservation, orderId)).toMatchObject({ status: "reserved", units: 6 });
  expect(await left(app, skus)).toEqual([7, 7]);
  expect(await app.item(payments, payment, orderId)).toMatchObject({ status: "captured", amount: 0 });
  expect(await toldAbout(orderId)).toMatchObject([{ subject: `Your order ${orderId} is confirmed`, status: "sent" }]);
});

test("an order with one product short is rejected whole, and nothing of it is reserved or charged", async () => {
  const skus = [...(await fillShelves(app, 10, "B1")), ...(await fillShelves(app, 2, "B2"))];
  const placed = freeOrder("short", skus, 3);
  await app.publish(orderPlaced, placed);

  const { orderId } = placed;
  await expect.poll(() => stateOf(orderId)).toMatchObject({ status: "rejected", reason: "out of stock" });
  await expect.poll(() => toldAbout(orderId)).toMatchObject([{ subject: `We cannot deliver your order ${orderId}` }]);
  expect(await left(app, skus)).toEqual([10, 2]);
  expect(await app.item(payments, payment, orderId)).toBeUndefined();
});

test("a cancellation that overtakes its order leaves nothing reserved and nobody charged", async () => {
  const skus = await fillShelves(app, 10, "F1");
  const placed = freeOrder("overtaken", skus, 4);
  const { orderId } = placed;
  await app.publish(orderCancelled, { orderId, reason: "changed their mind" });
  // The orders service waits for the order; inventory and payments remember the cancellation.
  await expect.poll(() => app.item(inventory, reservation, orderId)).toMatchObject({ status: "released" });
  await app.publish(orderPlaced, placed);

  await expect.poll(() => stateOf(orderId)).toMatchObject({ status: "cancelled" });
  await expect.poll(() => app.item(payments, payment, orderId)).toMatchObject({ status: "cancelled" });
  expect(await left(app, skus)).toEqual([10]);
  expect(await app.deadLetters(orders)).toEqual([]);
});

test("many orders at once for the last pieces sell exactly what there is, each order all or nothing", async () => {
  const skus = await fillShelves(app, 5, "G1", "G2");
  const placed = Array.from({ length: 8 }, (_, index) => freeOrder(`rush-${index}`, skus));
  await Promise.all(placed.map((data) => app.publish(orderPlaced, data)));

  const states = () => Promise.all(placed.map(async ({ orderId }) => (await stateOf(orderId))?.status ?? "unknown"));
  const [confirmed, rejected] = [Array<string>(5).fill("confirmed"), Array<string>(3).fill("rejected")];
  await expect.poll(async () => (await states()).toSorted()).toEqual([...confirmed, ...rejected]);
  expect(await left(app, skus)).toEqual([0, 0]);
});

describe("an order that comes more than once", () => {
  test("from its producer, under one event id or two, takes effect once", async () => {
    const skus = await fillShelves(app, 10, "H1");
    const placed = freeOrder("twice", skus, 2);
    const id = await app.publish(orderPlaced, placed);
    await app.publish(orderPlaced, placed, { id });
    await app.handled(inventory, await app.publish(orderPlaced, placed));
    await expect.poll(() => toldAbout(placed.orderId)).toHaveLength(1);
    await app.empty(inventory, ledger);

    expect(await left(app, skus)).toEqual([8]);
    // The copy says another time, and is the same event; the one under another id is another one.
    const isPlaced = (type: string) => type === orderPlaced.type;
    expect((await storyOf(placed.orderId)).filter(isPlaced)).toHaveLength(2);
    expect(await toldAbout(placed.orderId)).toHaveLength(1);
  });

  test("from its queue, after it has taken effect, changes nothing and tells nobody again", async () => {
    const skus = await fillShelves(app, 10, "H2");
    const placed = freeOrder("again", skus, 2);
    const event = createEnvelope(orderPlaced, placed, { source: "test", id: app.id("again") });
    await app.publish(orderPlaced, placed, { id: event.id });
    await expect.poll(() => storyOf(placed.orderId)).toContain("email.sent.v1");
    const story = await storyOf(placed.orderId);
    for (const service of [orders, inventory]) {
      for (let copy = 0; copy < 3; copy++) await app.send(service, JSON.stringify(event));
      await app.empty(service);
    }

    expect(await left(app, skus)).toEqual([8]);
    expect(await storyOf(placed.orderId)).toEqual(story);
    expect(await toldAbout(placed.orderId)).toHaveLength(1);
  });

  test("an event under an id that another event of the order has used is dead, and not taken for a copy", async () => {
    const skus = await fillShelves(app, 10, "I1");
    const first = freeOrder("first", skus);
    const id = await app.publish(orderPlaced, first);
    await Promise.all([orders, inventory, ledger].map((service) => app.handled(service, id)));
    await app.publish(orderPlaced, freeOrder("first", skus, 2), { id });

    for (const service of [orders, inventory, ledger]) {
      expect(await app.deadLetter(service, id)).toMatchObject({ reason: { errorName: "IdReusedError" } });
    }
    expect(await left(app, skus)).toEqual([9]);
  });

  test("an event under an id that an event of another order has used is not taken for a copy, and the journal tells", async () => {
    const skus = await fillShelves(app, 10, "J1");
    const [first, second] = [freeOrder("one", skus), freeOrder("other", skus)];
    const id = await app.publish(orderPlaced, first);
    await Promise.all([orders, inventory, ledger].map((service) => app.handled(service, id)));
    await app.publish(orderPlaced, second, { id });

    expect(await app.deadLetter(ledger, id)).toMatchObject({ reason: { errorName: "IdReusedError" } });
    await expect.poll(() => left(app, skus)).toEqual([8]);
    await expect.poll(() => stateOf(second.orderId)).toBeDefined();
  });
});
