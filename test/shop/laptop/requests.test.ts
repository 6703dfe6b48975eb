import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { orderPlaced } from "#events";
import { requests } from "#lib/runtime/index.ts";
import { ROOT } from "../../../bin/root.ts";
import inventory from "../../../functions/inventory/service.ts";
import { reservation } from "../../../functions/inventory/stock.ts";
import { cancel } from "../../../functions/orders/cancel.ts";
import { order } from "../../../functions/orders/order.ts";
import orders from "../../../functions/orders/service.ts";
import { orderOf } from "../../support/fixtures/order.ts";
import { openShop, type Shop } from "../../support/open-shop.ts";
import { memoryLog, met } from "../../unit/runtime/workshop.ts";

const RELAY = "fanfare-dev-orders-relay";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** An order that is paid for. */
async function confirmed(orderId: string): Promise<string> {
  await shop.fillShelves([orderId], 10);
  await shop.cloud.publish(orderPlaced, orderOf(orderId, [orderId]));
  await shop.cloud.settle();
  return orderId;
}

/** What has become of a cancelled order everywhere else: its pieces, its payment and its customer's e-mails. */
async function aftermath(orderId: string) {
  await shop.cloud.settle();
  return {
    pieces: (await shop.cloud.item(inventory, reservation, orderId))?.status,
    refunded: shop.provider.payments.filter((payment) => payment.orderId === orderId).map(({ refunded }) => refunded),
    emails: shop.cloud.emails.filter(({ subject }) => subject === `Your order ${orderId} is cancelled`).length,
  };
}

const EVERYTHING_ONCE = { pieces: "released", refunded: [true], emails: 1 };

function database(): DynamoDBClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new DynamoDBClient({ endpoint: shop.cloud.cloud.endpoint, region: "us-east-1", credentials });
}

/** Cancels an order from this process, as another program would; its calls pass `meet` first. */
function cancelHere(orderId: string, meet: (command: object) => unknown = () => undefined) {
  const config = { table: "fanfare-dev-orders", inboxDays: 32 };
  const { once } = requests(orders, { config, clients: { dynamodb: met(database(), meet) }, log: memoryLog().log });
  return once({ key: `cancel:${orderId}`, input: { orderId } }, (unit) => cancel(orderId, "a test", unit));
}

function misbehave(rule: object) {
  return fetch(`${shop.cloud.cloud.endpoint}/_fanfare/chaos`, { method: "POST", body: JSON.stringify(rule) });
}

/** The lines that the relay has logged since this was called. */
function relayLog(): { readonly lines: readonly string[]; stop: () => void } {
  const lines: string[] = [];
  const stop = shop.cloud.cloud.activity.subscribe((activity) => {
    if (activity.kind === "log" && activity.function === RELAY) lines.push(activity.line);
  });
  return { lines, stop };
}

describe("a request from outside", () => {
  test("by the command line takes effect once, however often it is run", async () => {
    const orderId = await confirmed("regretted");
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: shop.cloud.cloud.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
    const run = async () => {
      const program = ["functions/orders/cancel-order.ts", orderId, "ordered twice"];
      return (await promisify(execFile)(process.execPath, program, { cwd: ROOT, env })).stdout;
    };
    expect(await run()).toBe("order regretted is cancelled\n");
    expect(await run()).toBe("order regretted is cancelled already\n");
    expect(await aftermath(orderId)).toEqual(EVERYTHING_ONCE);
    expect(await shop.cloud.item(orders, order, orderId)).toMatchObject({ status: "cancelled", reason: "ordered twice" });
  });

  test("whose program ends right after the commit is published all the same", async () => {
    const orderId = await confirmed("cut-off");
    const crash = cancelHere(orderId, async (command) => {
      if (!(command instanceof TransactWriteItemsCommand)) return;
      await database().send(command);
      throw new Error("the program has ended");
    });
    await expect(crash).rejects.toThrow("the program has ended");
    expect(await aftermath(orderId)).toEqual(EVERYTHING_ONCE);
  });

  test("is published when SNS takes events again, by a relay that has ended meanwhile", async () => {
    const orderId = await confirmed("patient");
    const { lines, stop } = relayLog();
    await misbehave({ fault: "throttle", rate: 1, api: "sns" });
    expect(await cancelHere(orderId)).toMatchObject({ answer: { status: "cancelled", changed: true } });
    await vi.waitUntil(() => lines.some((line) => line.includes("request not relayed, tried again")), { timeout: 20_000 });
    shop.cloud.cloud.functions.crash(RELAY);
    await fetch(`${shop.cloud.cloud.endpoint}/_fanfare/chaos`, { method: "DELETE" });
    expect(await aftermath(orderId)).toEqual(EVERYTHING_ONCE);
    stop();
  });

  test("costs the relay nothing where consumers change the table", async () => {
    const { lines, stop } = relayLog();
    await confirmed("untouched");
    expect(lines).toEqual([]);
    stop();
  });
});
