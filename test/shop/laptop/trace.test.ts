import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { orderPlaced } from "#events";
import { beginTrace } from "#lib/contracts/cloudevents/trace-context.ts";
import { ROOT } from "../../../bin/root.ts";
import { orderOf } from "../../support/fixtures/order.ts";
import { openShop, type Shop } from "../../support/open-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const span = v.object({
  trace: v.string(),
  id: v.string(),
  parent: v.string(),
  service: v.string(),
  event: v.object({ type: v.string() }),
  outcome: v.string(),
});

test("an order is one trace over all five services, and each handling hangs below the one that led to it", async () => {
  const published = beginTrace(await place("happy"));

  const spans = (await fanfare("trace", "happy", "--json"))
    .trim()
    .split("\n")
    .map((line) => v.parse(span, JSON.parse(line)));

  expect(new Set(spans.map(({ trace }) => trace))).toEqual(new Set([published.traceId]));
  const names = new Map(spans.map(({ id, service, event }) => [id, `${service} ${event.type}`]));
  const parents = new Map([[published.spanId, "the producer"], ...names]);
  const tree = Object.fromEntries(spans.map(({ id, parent }) => [names.get(id), parents.get(parent)]));
  expect(tree).toEqual({
    "inventory order.placed.v1": "the producer",
    "ledger order.placed.v1": "the producer",
    "orders order.placed.v1": "the producer",
    "payments stock.reserved.v1": "inventory order.placed.v1",
    "ledger stock.reserved.v1": "inventory order.placed.v1",
    "orders payment.captured.v1": "payments stock.reserved.v1",
    "ledger payment.captured.v1": "payments stock.reserved.v1",
    "notifications order.confirmed.v1": "orders payment.captured.v1",
    "ledger order.confirmed.v1": "orders payment.captured.v1",
    "ledger email.sent.v1": "notifications order.confirmed.v1",
  });
  expect(new Set(spans.map(({ outcome }) => outcome))).toEqual(new Set(["done"]));
});

test("fanfare trace draws the order as a tree, by the order's id or by that of its first event", async () => {
  const id = await place("drawn");

  const page = await fanfare("trace", "drawn");
  expect(page).toMatch(/^trace [0-9a-f]{32}: 10 handlings by 5 services in [\d,]+ ms\n/);
  expect(page).toMatch(/^[├└]─ inventory +order\.placed\.v1 +\+[\d,]+ ms +[\d,]+ ms +✓$/m);
  expect(page).toMatch(/^[│ ] {2}[├└]─ payments +stock\.reserved\.v1 /m);
  expect(await fanfare("trace", id)).toBe(page);
});

test("what never happened has no trace, which fanfare says in one line", async () => {
  await expect(fanfare("trace", "nothing")).rejects.toThrow(
    /^fanfare: no event with the id or subject "nothing" was handled: .*\n$/,
  );
});

/** Places an order that can be delivered, waits until it is, and returns the id of its first event. */
async function place(orderId: string): Promise<string> {
  await shop.fillShelves(["A1"], 10);
  const id = await shop.cloud.publish(orderPlaced, orderOf(orderId, ["A1"]));
  await shop.cloud.settle();
  return id;
}

/** Runs `fanfare` against the shop, and returns what it prints. @throws Error of what it complains about */
function fanfare(...parameters: string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: "1", AWS_ENDPOINT_URL: shop.cloud.cloud.endpoint };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ["bin/fanfare.ts", ...parameters], { cwd: ROOT, env }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout),
    );
  });
}
