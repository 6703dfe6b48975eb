import * as v from "valibot";
import { expect, test } from "vitest";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import { Random } from "../support/random.ts";
import { check } from "./soak/check/check.ts";
import { readWorld } from "./soak/check/read-world.ts";
import { Customers, SKUS } from "./soak/customers.ts";
import { redriveAll } from "./soak/redrive.ts";
import { settle } from "./soak/settle.ts";
import { sized } from "../support/proof.ts";
import { openShop } from "../support/open-shop.ts";

const OPENING_STOCK = 1_000;

/** An effect that is interrupted holds its lease for half a minute, and one order has several: seldom, they are interrupted in turn. */
const SETTLE_MILLISECONDS = 240_000;

const counted = v.object({ rules: v.array(v.object({ fired: v.number() })) });

async function chaos(endpoint: string, method: string, rule?: object): Promise<unknown> {
  const response = await fetch(`${endpoint}/_fanfare/chaos`, { method, ...(rule && { body: JSON.stringify(rule) }) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const FAULTS = [
  { fault: "throttle" },
  { fault: "conflict" },
  { fault: "latency", milliseconds: 30 },
  { fault: "duplicate" },
  { fault: "lost-answer" },
];

const RUNS = [...FAULTS.map((fault) => ({ name: fault.fault, faults: [fault] })), { name: "each of them", faults: FAULTS }];

/** Throttled calls are tried again after a pause: with all faults at once, an order can take a minute. */
const SIZE = sized({
  short: { runs: RUNS.filter(({ name }) => name === "lost-answer"), orders: 2 },
  long: { runs: RUNS, orders: 12 },
});

test.each(SIZE.runs)(
  "orders end right while this befalls every fifth call: $name",
  async ({ faults }) => {
    await using shop = await openShop();
    await shop.fillShelves(SKUS, OPENING_STOCK);
    const { cloud } = shop.cloud;
    for (const [index, fault] of faults.entries())
      await chaos(cloud.endpoint, "POST", { ...fault, rate: 0.2, seed: 1 + index });
    const customers = new Customers(new Random(1, "customers"));
    customers.connect(cloud.endpoint);
    customers.place(SIZE.orders);
    await customers.allAcknowledged();
    await settle(cloud, SETTLE_MILLISECONDS);
    const { rules } = v.parse(counted, await chaos(cloud.endpoint, "GET"));
    await chaos(cloud.endpoint, "DELETE");
    await redriveAll(cloud.endpoint, () => settle(cloud, SETTLE_MILLISECONDS));

    expect(rules).toHaveLength(faults.length);
    for (const { fired } of rules) expect(fired).toBeGreaterThan(0);
    const world = await readWorld(cloud.endpoint);
    const facts = {
      acknowledged: customers.acknowledged,
      world,
      payments: shop.provider.payments,
      openingStock: OPENING_STOCK,
    };
    const { findings, deliveries, deadLetters } = check(facts);
    expect(findings).toEqual([]);
    expect([...deadLetters]).toEqual([]);
    expect(deliveries).toBeGreaterThan(5 * SIZE.orders);
    const ended = await shop.cloud.items(orders, order);
    expect(ended.filter(({ status }) => status === "confirmed").length).toBeGreaterThanOrEqual(SIZE.orders / 2);
  },
  600_000,
);
