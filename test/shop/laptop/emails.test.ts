import { afterAll, beforeAll, expect, test } from "vitest";
import { orderPlaced } from "#events";
import { entry } from "../../../functions/ledger/entry.ts";
import ledger from "../../../functions/ledger/service.ts";
import { order } from "../../../functions/orders/order.ts";
import orders from "../../../functions/orders/service.ts";
import { orderOf } from "../../support/fixtures/order.ts";
import { openShop, type Shop } from "../../support/open-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test("the customer of a confirmed order has one e-mail that says so", async () => {
  const { cloud } = shop;
  await shop.fillShelves(["A1"], 10);
  await cloud.publish(orderPlaced, orderOf("happy", ["A1"]));
  await cloud.settle();

  const { email } = orderOf("happy", ["A1"]).customer;
  expect(cloud.emails).toMatchObject([{ to: [email], subject: "Your order happy is confirmed" }]);
});

test("the customer of a rejected order has one e-mail that says so", async () => {
  const { cloud } = shop;
  await cloud.publish(orderPlaced, orderOf("short", ["B1"]));
  await cloud.settle();

  expect(cloud.emails.map(({ subject }) => subject)).toContain("We cannot deliver your order short");
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
