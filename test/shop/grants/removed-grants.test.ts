import { expect, onTestFinished, test } from "vitest";
import { orderPlaced } from "#events";
import { TestCloud } from "#lib/testing/index.ts";
import inventory from "../../../functions/inventory/service.ts";
import notifications from "../../../functions/notifications/service.ts";
import { order } from "../../../functions/orders/order.ts";
import orders from "../../../functions/orders/service.ts";
import { standInSettings, startPaymentProvider } from "../../../functions/payments/stand-in.ts";
import type { Activity } from "#lib/laptop/shared/activity.ts";
import { orderOf } from "../../support/fixtures/order.ts";
import { assemblyWithout } from "./reduced-assembly.ts";

/* What becomes of the reference app when its template lacks a grant, from end to end: it is seen, and nothing is lost. */

/** The app without a grant, with an order in it that no shelf can fill: orders, inventory and notifications have to do with it. */
async function placeOrder(assembly: string): Promise<{ cloud: TestCloud; lines: () => string[] }> {
  const provider = await startPaymentProvider();
  onTestFinished(() => provider.stop());
  const cloud = await TestCloud.start({ assembly, ...standInSettings(provider.url) });
  onTestFinished(() => cloud.stop());
  const told: Activity[] = [];
  cloud.cloud.activity.subscribe((activity) => told.push(activity));
  await cloud.publish(orderPlaced, orderOf("short", ["nothing-left"]));
  const lines = () =>
    told.flatMap((activity) => (activity.kind === "log" || activity.kind === "notice" ? [activity.line] : []));
  return { cloud, lines };
}

test("a service that may not read its table has the event in its dead-letter queue, with IAM's reason", async () => {
  const { cloud } = await placeOrder(assemblyWithout("orders-function", "dynamodb:GetItem", "table/fanfare-dev-orders"));
  await cloud.settle();
  expect(await cloud.item(orders, order, "short")).toBeUndefined();
  const reason =
    "/fanfare-dev-orders is not authorized to perform: dynamodb:GetItem on resource: " +
    "arn:aws:dynamodb:us-east-1:000000000000:table/fanfare-dev-orders because no identity-based policy allows the dynamodb:GetItem action";
  const dead = { errorName: "AccessDeniedException", errorMessage: expect.stringContaining(reason), attempts: 10 };
  // The order itself, and the word of the inventory that it cannot be filled.
  expect(cloud.deadLetters(orders)).toMatchObject([dead, dead]);
});

test("a service that may not publish keeps its effect, and the event is tried again until it is dead", async () => {
  const { cloud, lines } = await placeOrder(assemblyWithout("inventory-function", "sns:Publish", "InventoryTopicArn"));
  await cloud.settle();
  expect(await cloud.item(orders, order, "short")).toMatchObject({ status: "placed" });
  expect(cloud.deadLetters(inventory)).toMatchObject([
    { errorMessage: "the event's effect is committed, but not all of its outgoing events are published", attempts: 10 },
  ]);
  expect(lines()).toContainEqual(
    expect.stringMatching(
      /^IAM refuses fanfare-dev-inventory \(role .*\) sns:Publish on .*:fanfare-dev-inventory: .* Missing grant: \{/,
    ),
  );
});

test("a service that may not dead-letter an event leaves that to SQS", async () => {
  const { cloud, lines } = await placeOrder(
    assemblyWithout("notifications-function", "sqs:SendMessage", "fanfare-dev-notifications-dlq"),
  );
  await cloud.send(notifications, "{oops");
  await cloud.settle();
  expect(cloud.deadLetters(notifications)).toEqual([{ body: "{oops" }]);
  expect(lines()).toContainEqual(expect.stringContaining("not sent to the dead-letter queue: SQS will move it"));
});

test("a queue whose policy lets a topic in no more has its events in the subscription's dead-letter queue", async () => {
  const { cloud } = await placeOrder(assemblyWithout("inventory", "sqs:SendMessage", "ServiceQueue3"));
  await cloud.settle();
  const { messages } = cloud.cloud.queues.look("fanfare-dev-inventory-orders-undelivered");
  expect(messages.map(({ messageAttributes }) => messageAttributes["type"]?.StringValue)).toContain("order.placed.v1");
  expect(await cloud.item(orders, order, "short")).toMatchObject({ status: "placed" });
});

test("a function that may not receive is fed nothing, and what comes for it waits", async () => {
  const { cloud } = await placeOrder(assemblyWithout("orders-function", "sqs:ReceiveMessage", "fanfare-dev-orders"));
  await cloud.settle();
  expect(cloud.cloud.missing).toContainEqual(
    expect.objectContaining({ type: "AWS::Lambda::EventSourceMapping", stack: "fanfare-dev-orders-function" }),
  );
  expect(cloud.cloud.queues.look("fanfare-dev-orders").counts.ready).toBeGreaterThan(0);
});
