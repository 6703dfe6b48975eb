import { afterAll, describe, expect, test } from "vitest";
import { orderCancelled, orderPlaced } from "#events";
import inventory from "../../functions/inventory/service.ts";
import { reservation } from "../../functions/inventory/stock.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import { payment } from "../../functions/payments/payment.ts";
import payments from "../../functions/payments/service.ts";
import type { ProviderBehaviour } from "../../functions/payments/stand-in.ts";
import { orderOf } from "../support/fixtures/order.ts";
import { DeployedApp } from "../support/target/deployed-app.ts";
import { findStandIn } from "./payment-provider.ts";
import { fillShelves, left } from "./shelves.ts";

/** An amount that no order of any other test comes to: £1,000,000. */
const LIMIT = 100_000_000;

const app = new DeployedApp();
const provider = await findStandIn(app);
afterAll(() => app.cleanUp());

const stateOf = (orderId: string) => app.item(orders, order, orderId);

describe.skipIf(!provider)("with a payment provider", () => {
  // The tests run only where there is one.
  const chargesOf = (orderId: string) => provider!.payments(orderId);
  const behave = (change: ProviderBehaviour) => provider!.behave(change);

  test("an order is charged once, though it comes twice", async () => {
    const skus = await fillShelves(app, 10, "A1", "A2");
    const placed = orderOf(app.id("paid"), skus, 3);
    const { orderId } = placed;
    await app.publish(orderPlaced, placed);
    await app.handled(inventory, await app.publish(orderPlaced, placed));

    await expect.poll(() => stateOf(orderId)).toMatchObject({ status: "confirmed", total: 600 });
    expect(await app.item(payments, payment, orderId)).toMatchObject({ status: "captured", amount: 600 });
    expect(await chargesOf(orderId)).toMatchObject([{ amount: 600, refunded: false }]);
  });

  test("a declined payment rejects the order and puts its pieces back", async () => {
    const skus = await fillShelves(app, 10, "C1");
    await behave({ declineAbove: LIMIT });
    const placed = orderOf(app.id("declined"), skus, 6, LIMIT);
    const { orderId } = placed;
    await app.publish(orderPlaced, placed);

    await expect.poll(() => stateOf(orderId)).toMatchObject({ status: "rejected", reason: "payment declined" });
    await expect.poll(() => app.item(inventory, reservation, orderId)).toMatchObject({ status: "released" });
    expect(await left(app, skus)).toEqual([10]);
    expect(await chargesOf(orderId)).toEqual([]);
  });

  test("that fails, hangs up and loses its answers, each order is charged once all the same", async () => {
    const skus = await fillShelves(app, 100, "D1");
    await behave({ failEvery: 2, hangUpEvery: 3 });
    const placed = Array.from({ length: 8 }, (_, index) => orderOf(app.id(`flaky-${index}`), skus));
    await Promise.all(placed.map((data) => app.publish(orderPlaced, data)));

    const states = () => Promise.all(placed.map(async ({ orderId }) => (await stateOf(orderId))?.status));
    await expect.poll(states).toEqual(placed.map(() => "confirmed"));
    await behave({ failEvery: null, hangUpEvery: null });
    const charges = await Promise.all(placed.map(({ orderId }) => chargesOf(orderId)));
    expect(charges.map(({ length }) => length)).toEqual(placed.map(() => 1));
  });

  test("a confirmed order that is cancelled gives stock and money back", async () => {
    const skus = await fillShelves(app, 10, "E1");
    const placed = orderOf(app.id("regretted"), skus, 4);
    const { orderId } = placed;
    await app.publish(orderPlaced, placed);
    await expect.poll(() => stateOf(orderId)).toMatchObject({ status: "confirmed" });

    await app.publish(orderCancelled, { orderId, reason: "ordered twice" });

    await expect.poll(() => stateOf(orderId)).toMatchObject({ status: "cancelled" });
    await expect.poll(() => left(app, skus)).toEqual([10]);
    await expect.poll(() => app.item(payments, payment, orderId)).toMatchObject({ status: "refunded", amount: 400 });
    expect(await chargesOf(orderId)).toMatchObject([{ refunded: true }]);
  });

  test("a cancellation sent before its order leaves nothing reserved and nobody charged, whichever comes first", async () => {
    const skus = await fillShelves(app, 10, "F1");
    const placed = orderOf(app.id("called-off"), skus, 4);
    const { orderId } = placed;
    await app.publish(orderCancelled, { orderId, reason: "changed their mind" });
    await app.publish(orderPlaced, placed);

    await expect.poll(() => stateOf(orderId)).toMatchObject({ status: "cancelled" });
    await app.empty(inventory, payments);
    expect(await left(app, skus)).toEqual([10]);
    expect((await chargesOf(orderId)).filter(({ refunded }) => !refunded)).toEqual([]);
  });
});
