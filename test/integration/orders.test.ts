import { afterAll, beforeAll, expect, test } from "vitest";
import { orderCancelled, orderPlaced } from "#events";
import inventory from "../../functions/inventory/service.ts";
import { reservation, stock } from "../../functions/inventory/stock.ts";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import { payment } from "../../functions/payments/payment.ts";
import payments from "../../functions/payments/service.ts";
import { openShop, orderOf, type Shop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test("an order in stock is reserved, paid, confirmed and e-mailed, and every event of it is in the journal", async () => {
  const { cloud, provider } = shop;
  await shop.fillShelves(["A1", "A2"], 10);

  const eventId = await cloud.publish(orderPlaced, orderOf("happy", ["A1", "A2"], 3));
  await cloud.settle();

  expect(await cloud.item(orders, order, "happy")).toMatchObject({ status: "confirmed", total: 600 });
  expect(await cloud.item(inventory, reservation, "happy")).toMatchObject({ status: "reserved", units: 6 });
  expect(await cloud.item(inventory, stock, "A1")).toMatchObject({ available: 7 });
  expect(await cloud.item(payments, payment, "happy")).toMatchObject({ status: "captured", amount: 600 });
  expect(provider.payments.filter(({ orderId }) => orderId === "happy")).toHaveLength(1);
  expect(cloud.emails.map(({ subject }) => subject)).toContain("Your order happy is confirmed");
  const story = (await cloud.items(ledger, entry)).filter(({ correlationId }) => correlationId === eventId);
  expect(story.map(({ type }) => type).toSorted()).toEqual([
    "email.sent.v1",
    "order.confirmed.v1",
    "order.placed.v1",
    "payment.captured.v1",
    "stock.reserved.v1",
  ]);
});

test("an order with one product short is rejected whole, and nothing of it is reserved or charged", async () => {
  const { cloud, provider } = shop;
  await shop.fillShelves(["B1"], 10);
  await shop.fillShelves(["B2"], 2);

  await cloud.publish(orderPlaced, orderOf("short", ["B1", "B2"], 3));
  await cloud.settle();

  expect(await cloud.item(orders, order, "short")).toMatchObject({ status: "rejected", reason: "out of stock" });
  expect(await cloud.item(inventory, stock, "B1")).toMatchObject({ available: 10 });
  expect(await cloud.item(inventory, stock, "B2")).toMatchObject({ available: 2 });
  expect(provider.payments.filter(({ orderId }) => orderId === "short")).toEqual([]);
  expect(cloud.emails.map(({ subject }) => subject)).toContain("We cannot deliver your order short");
});

test("a declined payment rejects the order and puts its pieces back", async () => {
  const { cloud, provider } = shop;
  await shop.fillShelves(["C1"], 10);
  provider.behave({ declineAbove: 500 });

  await cloud.publish(orderPlaced, orderOf("declined", ["C1"], 6));
  await cloud.settle();
  provider.behave({ declineAbove: null });

  expect(await cloud.item(orders, order, "declined")).toMatchObject({ status: "rejected", reason: "payment declined" });
  expect(await cloud.item(inventory, reservation, "declined")).toMatchObject({ status: "released" });
  expect(await cloud.item(inventory, stock, "C1")).toMatchObject({ available: 10 });
});

test("a provider that fails, hangs up and loses its answers charges each order once all the same", async () => {
  const { cloud, provider } = shop;
  await shop.fillShelves(["D1"], 100);
  provider.behave({ failEvery: 2, hangUpEvery: 3 });

  const ids = Array.from({ length: 12 }, (_, index) => `flaky-${index}`);
  await Promise.all(ids.map((id) => cloud.publish(orderPlaced, orderOf(id, ["D1"]))));
  await cloud.settle();
  provider.behave({ failEvery: null, hangUpEvery: null });

  const charged = provider.payments.filter(({ orderId }) => orderId.startsWith("flaky-"));
  expect(charged.map(({ orderId }) => orderId).toSorted()).toEqual(ids.toSorted());
  for (const id of ids) expect(await cloud.item(orders, order, id)).toMatchObject({ status: "confirmed" });
});

test("a confirmed order that is cancelled gives stock and money back", async () => {
  const { cloud, provider } = shop;
  await shop.fillShelves(["E1"], 10);
  await cloud.publish(orderPlaced, orderOf("regretted", ["E1"], 4));
  await cloud.settle();

  await cloud.publish(orderCancelled, { orderId: "regretted", reason: "ordered twice" });
  await cloud.settle();

  expect(await cloud.item(orders, order, "regretted")).toMatchObject({ status: "cancelled" });
  expect(await cloud.item(inventory, stock, "E1")).toMatchObject({ available: 10 });
  expect(await cloud.item(payments, payment, "regretted")).toMatchObject({ status: "refunded", amount: 400 });
  expect(provider.payments.find(({ orderId }) => orderId === "regretted")).toMatchObject({ refunded: true });
});

test("a cancellation that overtakes its order leaves nothing reserved and nobody charged", async () => {
  const { cloud, provider } = shop;
  await shop.fillShelves(["F1"], 10);
  // The orders service waits for the order; inventory and payments remember the cancellation.
  await cloud.publish(orderCancelled, { orderId: "overtaken", reason: "changed their mind" });
  await cloud.publish(orderPlaced, orderOf("overtaken", ["F1"], 4));
  await cloud.settle();

  expect(await cloud.item(orders, order, "overtaken")).toMatchObject({ status: "cancelled" });
  expect(await cloud.item(inventory, stock, "F1")).toMatchObject({ available: 10 });
  expect(provider.payments.filter(({ orderId, refunded }) => orderId === "overtaken" && !refunded)).toEqual([]);
  expect(cloud.deadLetters(orders)).toEqual([]);
});

test("an order that its producer sends twice, under one event id or two, takes effect once", async () => {
  const { cloud, provider } = shop;
  await shop.fillShelves(["G1"], 10);
  const data = orderOf("twice", ["G1"], 2);
  const id = await cloud.publish(orderPlaced, data);
  await cloud.publish(orderPlaced, data, { id });
  await cloud.publish(orderPlaced, data);
  await cloud.settle();

  expect(await cloud.item(inventory, stock, "G1")).toMatchObject({ available: 8 });
  expect(provider.payments.filter(({ orderId }) => orderId === "twice")).toHaveLength(1);
  expect(cloud.emails.filter(({ subject }) => subject === "Your order twice is confirmed")).toHaveLength(1);
});

test("an event under an id that another event has used is dead, and not taken for a copy", async () => {
  const { cloud } = shop;
  await shop.fillShelves(["I1"], 10);
  const id = await cloud.publish(orderPlaced, orderOf("first", ["I1"]));
  await cloud.settle();

  await cloud.publish(orderPlaced, orderOf("second", ["I1"]), { id });
  await cloud.settle();

  expect(cloud.deadLetters(orders)).toMatchObject([{ errorName: "IdReusedError" }]);
  expect(await cloud.item(orders, order, "second")).toBeUndefined();
  expect(await cloud.item(inventory, stock, "I1")).toMatchObject({ available: 9 });
});

test("an address that the e-mail provider refuses is recorded, and does not hold the order up", async () => {
  const { cloud } = shop;
  await shop.fillShelves(["H1"], 10);
  const data = orderOf("bounced", ["H1"]);
  await cloud.publish(orderPlaced, { ...data, customer: { ...data.customer, email: "bounce@simulator.amazonses.com" } });
  await cloud.settle();

  expect(await cloud.item(orders, order, "bounced")).toMatchObject({ status: "confirmed" });
  const story = await cloud.items(ledger, entry);
  expect(story.filter(({ subject, type }) => subject === "bounced" && type === "email.failed.v1")).toHaveLength(1);
});
