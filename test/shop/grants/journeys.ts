import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { vi } from "vitest";
import * as events from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import { requests, toPublish } from "#lib/runtime/index.ts";
import inventory from "../../../functions/inventory/service.ts";
import ledger from "../../../functions/ledger/service.ts";
import notifications from "../../../functions/notifications/service.ts";
import { cancel } from "../../../functions/orders/cancel.ts";
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
  await cloud.publish(events.orderPlaced, orderOf("regretted", ["plenty"]));
  await cloud.publish(events.orderPlaced, orderOf("large", many));
  await cloud.publish(events.orderPlaced, orderOf("short", ["scarce"], 2));
  await cloud.settle();
  await cloud.publish(events.orderCancelled, { orderId: "confirmed", reason: "ordered twice" });
  await cancelByRequest(shop, "regretted");
  provider.behave({ declineAbove: 500 });
  await cloud.publish(events.orderPlaced, orderOf("declined", ["plenty"], 6));
  await cloud.settle();
  provider.behave({ declineAbove: null });

  for (const service of services) await cloud.send(service, "{oops");
  await cloud.settle();
  await comeBack(shop);
  await loseQueues(shop);
}

/** Cancels an order as the command line does: the relay publishes it. */
async function cancelByRequest({ cloud }: Shop, orderId: string): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const dynamodb = new DynamoDBClient({ endpoint: cloud.cloud.endpoint, region: "us-east-1", credentials });
  const { once } = requests(orders, { config: { table: "fanfare-dev-orders", inboxDays: 32 }, clients: { dynamodb } });
  await once({ key: `cancel:${orderId}`, input: { orderId } }, (unit) => cancel(orderId, "a test", unit));
  await cloud.settle();
}

/**
 * Has every service fail on an event of which a receive came to no end, so that its handling is marked: at first it can only be
 * postponed in the queue, then it is sent again; in the end it is handled.
 */
async function comeBack({ cloud }: Shop): Promise<void> {
  const { activity, endpoint, functions } = cloud.cloud;
  const failures = new Map<string, number>();
  const stop = activity.subscribe((entry) => {
    if (entry.kind === "log" && entry.line.includes('"outcome":"retry"'))
      failures.set(entry.function, (failures.get(entry.function) ?? 0) + 1);
  });
  const cause = async (...rules: object[]) => {
    await fetch(`${endpoint}/_fanfare/chaos`, { method: "DELETE" });
    for (const rule of rules) await fetch(`${endpoint}/_fanfare/chaos`, { method: "POST", body: JSON.stringify(rule) });
  };
  const allFailed = (times: number) =>
    vi.waitUntil(
      () => (cloud.cloud.skipWaits(), services.every(({ name }) => (failures.get(`fanfare-dev-${name}`) ?? 0) >= times)),
      { timeout: 30_000, interval: 20 },
    );
  const cancelled = createEnvelope(events.orderCancelled, { orderId: "large", reason: "a test" }, { source: "test" });
  const rejected = createEnvelope(
    events.orderRejected,
    { ...events.orderRejected.example, orderId: "other" },
    { source: "test" },
  );
  const sqs = sqsOf(endpoint);
  for (const service of services) {
    await functions.disable(`fanfare-dev-${service.name}`);
    const event = service.consumes.includes(events.orderCancelled) ? cancelled : rejected;
    await cloud.send(service, JSON.stringify(event));
    const QueueUrl = `${endpoint}/000000000000/fanfare-dev-${service.name}`;
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
  }
  const unread = { fault: "throttle", rate: 1, operation: "GetItem" };
  await cause(unread, { fault: "throttle", rate: 1, operation: "SendMessage" });
  for (const { name } of services) functions.enable(`fanfare-dev-${name}`);
  await allFailed(1);
  await cause(unread);
  failures.clear();
  await allFailed(1);
  await cause();
  stop();
  await cloud.settle();
}

function sqsOf(endpoint: string): SQSClient {
  return new SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
}

/** Deletes every service's queue: what is published then lies in the dead-letter queues of the subscriptions. */
async function loseQueues({ cloud }: Shop): Promise<void> {
  const { endpoint } = cloud.cloud;
  const sqs = sqsOf(endpoint);
  for (const { name } of services) {
    await cloud.cloud.functions.disable(`fanfare-dev-${name}`);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: `${endpoint}/000000000000/fanfare-dev-${name}` }));
  }
  for (const event of Object.values(events)) await cloud.publishAll([toPublish(event, event.example)]);
}
