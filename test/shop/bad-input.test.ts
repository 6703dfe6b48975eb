import { afterAll, expect, inject, test } from "vitest";
import { emailSent, orderCancelled, orderPlaced } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import inventory from "../../functions/inventory/service.ts";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import notifications from "../../functions/notifications/service.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import { payment } from "../../functions/payments/payment.ts";
import payments from "../../functions/payments/service.ts";
import { orderOf } from "../support/fixtures/order.ts";
import { DeployedApp } from "../support/target/deployed-app.ts";
import { fillShelves } from "./shelves.ts";

/** Largest message of SQS, in bytes: AWSSimpleQueueService, "Message quotas". */
const LARGEST_MESSAGE = 1_048_576;

const onLocalStack = inject("target").name === "localstack";

/** A body for comparison. LocalStack's mappings parse what is JSON and spell it anew on its way to the function. */
function asItCame(body: string): unknown {
  if (!onLocalStack) return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

const app = new DeployedApp();
afterAll(() => app.cleanUp());

let events = 0;

/** An event that payments handles without charging anybody, as it lies in a queue: the cancellation of an order of its own. */
function envelope(changes: Record<string, unknown> = {}) {
  const id = app.id(`event-${++events}`);
  return { ...createEnvelope(orderCancelled, { orderId: id, reason: "a test" }, { source: "test", id }), ...changes };
}

/** The text of an event with further JSON put before its first key. */
function withFirst(json: string, { ...event }: object): string {
  return `{${json},${JSON.stringify(event).slice(1)}`;
}

/** A text of so many bytes: JSON, but its data is no event's. */
function ofBytes(bytes: number): string {
  const empty = JSON.stringify(envelope({ data: "" }));
  return empty.replace('"data":""', `"data":"${"x".repeat(bytes - Buffer.byteLength(empty))}"`);
}

/** Puts a body into the payments' queue in the midst of nine healthy events, and waits until these are handled. */
async function sendAmongHealthy(body: string): Promise<string> {
  const healthy = Array.from({ length: 9 }, () => envelope());
  const bodies = healthy.map((event) => JSON.stringify(event)).toSpliced(4, 0, body);
  const messageIds = await Promise.all(bodies.map((text) => app.send(payments, text)));
  for (const { id } of healthy) {
    await expect.poll(() => app.item(payments, payment, id)).toMatchObject({ status: "cancelled" });
  }
  return messageIds[4]!;
}

test.for<[what: string, body: string, reason: unknown]>([
  ["is not JSON", "{oops", "the body is not JSON, at position 1"],
  ["is blank", " ", "the body is empty"],
  ["is null", "null", "the body is not a JSON object"],
  ["is a list", "[]", "the body is not a JSON object"],
  ["is a number", "7", "the body is not a JSON object"],
  ["is an object of no event", "{}", `the envelope's "specversion" is not "1.0"`],
  ["is nested without end", "[".repeat(100_000), expect.stringMatching(/^the body is not JSON/)],
  ["has no id", JSON.stringify(envelope({ id: undefined })), `the envelope's "id" is missing`],
  [
    "has an over-long id",
    JSON.stringify(envelope({ id: "i".repeat(257) })),
    `the envelope's "id" is longer than 256 characters`,
  ],
  [
    "borrows its id from __proto__",
    withFirst(`"__proto__":{"id":"x"}`, envelope({ id: undefined })),
    expect.stringMatching(/"id" is missing$/),
  ],
  [
    "is of an unknown type",
    JSON.stringify(envelope({ type: "party.started.v1" })),
    `the service payments does not consume events of type "party.started.v1"`,
  ],
  [
    "is of a type named like a method",
    JSON.stringify(envelope({ type: "constructor" })),
    expect.stringMatching(/does not consume events of type "constructor"/),
  ],
  [
    "is of a type named __proto__",
    JSON.stringify(envelope({ type: "__proto__" })),
    expect.stringMatching(/does not consume events of type "__proto__"/),
  ],
  [
    "is of a newer version of a known type",
    JSON.stringify(envelope({ type: "order.cancelled.v2" })),
    "the service payments knows order.cancelled.v1, but not order.cancelled.v2: deploy a version of it that does, then redrive",
  ],
  [
    "breaks its contract",
    JSON.stringify(envelope({ data: { orderId: 7, reason: "a test" } })),
    expect.stringMatching(/^order\.cancelled\.v1: data\.orderId: /),
  ],
  ["lacks its data", JSON.stringify(envelope({ data: undefined })), `the envelope's "data" is missing`],
  ["has null for its data", JSON.stringify(envelope({ data: null })), expect.stringMatching(/^order\.cancelled\.v1: data: /)],
  ["has half a character in its id", JSON.stringify(envelope({ id: "half \ud800" })), `"id" has half a surrogate pair`],
  [
    "has half a character in its data",
    JSON.stringify(envelope({ data: { orderId: "1", reason: "half \ud800" } })),
    `"reason" has half a surrogate pair`,
  ],
  [
    "is as large as leaves room for its reason",
    ofBytes(LARGEST_MESSAGE - 10_000),
    expect.stringMatching(/^order\.cancelled\.v1: data: /),
  ],
])(
  "a body that %s is dead at once, as it came and with its reason, and its neighbours are handled",
  async ([what, body, errorMessage], { skip }) => {
    skip(
      onLocalStack && what === "is nested without end",
      "LocalStack's mapping chokes on such a body and tries its batch for ever",
    );
    const messageId = await sendAmongHealthy(body);

    const letter = await app.deadLetter(payments, messageId);
    expect(asItCame(letter.body)).toEqual(asItCame(body));
    expect(letter.reason).toMatchObject({ errorName: "InvalidEventError", errorMessage, attempts: "1" });
  },
);

test("what is dead in one service's queue is dead in no other's", async () => {
  const messageId = await app.send(payments, "{oops");
  await app.deadLetter(payments, messageId);

  for (const service of [orders, inventory, notifications, ledger]) {
    const letters = await app.deadLetters(service);
    expect(letters.filter(({ reason }) => reason?.originalMessageId === messageId)).toEqual([]);
  }
});

test("an empty body does not get into a queue: SQS refuses it", async () => {
  await expect(app.send(payments, "")).rejects.toThrow("MessageBody");
});

test("keys named after prototypes are left out of what is kept, and change no prototype", async () => {
  const id = app.id("polluted");
  const event = createEnvelope(emailSent, { ...emailSent.example, orderId: id }, { source: "test", id });
  const data = withFirst(`"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}`, event.data);
  const text = withFirst(`"__proto__":{"polluted":true}`, event).replace(JSON.stringify(event.data), data);
  await app.send(ledger, text);

  const kept = async () => (await app.items(ledger, entry)).filter(({ eventId }) => eventId === id);
  await expect.poll(kept).toMatchObject([{ subject: id }]);
  expect((await kept()).map((item) => item.data)).toEqual([event.data]);
});

test("a producer's broken order is dead in each service that it reaches, and the next order goes through", async () => {
  const skus = await fillShelves(app, 10, "Z1");
  const good = createEnvelope(orderPlaced, orderOf(app.id("after-the-bad"), skus, 1, 0), { source: "test" });
  const bad = JSON.stringify({ ...good, id: app.id("bad-order"), data: { ...good.data, total: -1 } });
  await Promise.all([orders, inventory].map((service) => app.send(service, bad)));
  await app.publish(orderPlaced, good.data);

  for (const service of [orders, inventory]) {
    const { body, reason } = await app.deadLetter(service, app.id("bad-order"));
    expect(asItCame(body)).toEqual(asItCame(bad));
    expect(reason).toMatchObject({ errorMessage: expect.stringContaining("data.total") });
  }
  await expect.poll(() => app.item(orders, order, good.data.orderId)).toMatchObject({ status: "confirmed" });
});

test("a value that a producer put where it does not belong is in no reason", async () => {
  const secret = "4111-1111-1111-1111";
  const wrong = [{ orderId: { card: secret } }, { orderId: `${secret}/${secret}` }, { reason: [secret] }, { email: secret }];
  const bodies = [
    ...wrong.map((change) => JSON.stringify(envelope({ data: { orderId: "1", reason: "a test", ...change } }))),
    `{"data":"${secret}`,
    JSON.stringify(envelope({ data: secret })),
    JSON.stringify(envelope({ time: secret })),
  ];
  const messageIds = await Promise.all(bodies.map((body) => app.send(payments, body)));

  for (const [index, messageId] of messageIds.entries()) {
    const { body, reason } = await app.deadLetter(payments, messageId);
    expect(asItCame(body)).toEqual(asItCame(bodies[index]!));
    expect(JSON.stringify(reason)).not.toContain(secret);
  }
});
