import { DeleteQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { vi } from "vitest";
import * as events from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import { toPublish } from "#lib/runtime/index.ts";
import inventory from "../../../functions/inventory/service.ts";
import ledger from "../../../functions/ledger/service.ts";
import notifications from "../../../functions/notifications/service.ts";
import orders from "../../../functions/orders/service.ts";
import payments from "../../../functions/payments/service.ts";
import { orderOf } from "../../support/fixtures/order.ts";
import type { Shop } from "../../support/open-shop.ts";

/** The services of the reference app. */
export const services = [orders, inventory, payments, notifications, ledger];

/** More products than one transaction holds, so that inventory reserves them in steps, with a checkpoint between. */
const MANY = 120;

/**
 * What the reference system does in its life, by every way that asks for a grant: orders that succeed, fail and are cancelled, one
 * that takes several transactions, events that die, some that are handled only when they come back, and some for queues that are gone.
 */
export async function liveThrough(shop: Shop): Promise<void> {
  const { cloud, provider } = shop;
  const many = Array.from({ length: MANY }, (_, index) => `many-${index}`);
  await shop.fillShelves(["plenty", ...many], 100);
  await shop.fillShelves(["scarce"], 1);
  await cloud.publish(events.orderPlaced, orderOf("confirmed", ["plenty"]));
  await cloud.publish(events.orderPlaced, orderOf("large", many));
  await cloud.publish(events.orderPlaced, orderOf("short", ["scarce"], 2));
  await cloud.settle();
  await cloud.publish(events.orderCancelled, { orderId: "confirmed", reason: "ordered twice" });
  provider.behave({ declineAbove: 500 });
  await cloud.publish(events.orderPlaced, orderOf("declined", ["plenty"], 6));
  await cloud.settle();
  provider.behave({ declineAbove: null });

  for (const service of services) await cloud.send(service, "{oops");
  await cloud.settle();
  await comeBack(shop);
  await loseQueues(shop);
}

/** Has every service fail on an event until it is a suspect, whose handling is marked; then the event is handled. */
async function comeBack({ cloud }: Shop): Promise<void> {
  const { activity, endpoint } = cloud.cloud;
  const failures = new Map<string, number>();
  const stop = activity.subscribe((entry) => {
    if (entry.kind === "log" && entry.line.includes('"outcome":"retry"'))
      failures.set(entry.function, (failures.get(entry.function) ?? 0) + 1);
  });
  const rule = { fault: "conflict", rate: 1, operation: "TransactWriteItems" };
  await fetch(`${endpoint}/_fanfare/chaos`, { method: "POST", body: JSON.stringify(rule) });
  const cancelled = createEnvelope(events.orderCancelled, { orderId: "unknown", reason: "a test" }, { source: "test" });
  const rejected = createEnvelope(
    events.orderRejected,
    { ...events.orderRejected.example, orderId: "other" },
    { source: "test" },
  );
  for (const service of services) {
    const event = service.consumes.includes(events.orderCancelled) ? cancelled : rejected;
    await cloud.send(service, JSON.stringify(event));
  }
  const isSuspect = ({ name }: { name: string }) => (failures.get(`fanfare-dev-${name}`) ?? 0) >= 3;
  await vi.waitUntil(() => (cloud.cloud.skipWaits(), services.every(isSuspect)), { timeout: 30_000, interval: 20 });
  stop();
  await fetch(`${endpoint}/_fanfare/chaos`, { method: "DELETE" });
  await cloud.settle();
}

/** Deletes every service's queue: what is published then lies in the dead-letter queues of the subscriptions. */
async function loseQueues({ cloud }: Shop): Promise<void> {
  const { endpoint } = cloud.cloud;
  const sqs = new SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  for (const { name } of services) {
    await cloud.cloud.functions.disable(`fanfare-dev-${name}`);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: `${endpoint}/000000000000/fanfare-dev-${name}` }));
  }
  for (const event of Object.values(events)) await cloud.publishAll([toPublish(event, event.example)]);
}
