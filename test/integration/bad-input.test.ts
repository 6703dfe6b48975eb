import { afterAll, beforeAll, expect, test } from "vitest";
import { emailSent, orderPlaced } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import inventory from "../../functions/inventory/service.ts";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import notifications from "../../functions/notifications/service.ts";
import { order } from "../../functions/orders/order.ts";
import orders from "../../functions/orders/service.ts";
import payments from "../../functions/payments/service.ts";
import { openShop, orderOf, type Shop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** Largest message of SQS, in bytes: AWSSimpleQueueService, "Message quotas". */
const LARGEST_MESSAGE = 1_048_576;

let events = 0;

/** An event that the ledger alone consumes, as it lies in a queue. */
function envelope(changes: Record<string, unknown> = {}) {
  return { ...createEnvelope(emailSent, emailSent.example, { source: "test", id: `event-${++events}` }), ...changes };
}

/** The text of an event with further JSON put before its first key. */
function withFirst(json: string, { ...event }: object): string {
  return `{${json},${JSON.stringify(event).slice(1)}`;
}

/** A text of so many bytes: JSON, but no event. */
function ofBytes(bytes: number): string {
  const empty = JSON.stringify(envelope({ data: "" }));
  return empty.replace('"data":""', `"data":"${"x".repeat(bytes - Buffer.byteLength(empty))}"`);
}

/** What is dead in the whole system, by service; services without dead letters are not named. */
function allDeadLetters() {
  const services = [orders, inventory, payments, notifications, ledger];
  return Object.fromEntries(
    services
      .map((service) => [service.name, shop.cloud.deadLetters(service)] as const)
      .filter(([, letters]) => letters.length > 0),
  );
}

/** Puts a body into the ledger's queue in the midst of nine healthy events, and tells what became of all. */
async function sendAmongHealthy(body: string) {
  const { cloud } = shop;
  const before = cloud.deadLetters(ledger).length;
  const healthy = Array.from({ length: 9 }, () => envelope());
  const bodies = healthy.map((event) => JSON.stringify(event)).toSpliced(4, 0, body);
  await Promise.all(bodies.map((text) => cloud.send(ledger, text)));
  await cloud.settle();
  const journal = await cloud.items(ledger, entry);
  const times = healthy.map(({ id }) => journal.filter(({ eventId }) => eventId === id).length);
  const { ledger: dead = [], ...deadElsewhere } = allDeadLetters();
  return { times, dead: dead.slice(before), deadElsewhere };
}

const ONCE_EACH = new Array<number>(9).fill(1);

test.each<[what: string, body: string, reason: unknown]>([
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
    `the service ledger does not consume events of type "party.started.v1"`,
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
    JSON.stringify(envelope({ type: "email.sent.v2" })),
    "the service ledger knows email.sent.v1, but not email.sent.v2: deploy a version of it that does, then redrive",
  ],
  [
    "breaks its contract",
    JSON.stringify(envelope({ data: { ...emailSent.example, to: 7 } })),
    expect.stringMatching(/^email\.sent\.v1: data\.to: /),
  ],
  ["lacks its data", JSON.stringify(envelope({ data: undefined })), `the envelope's "data" is missing`],
  ["has null for its data", JSON.stringify(envelope({ data: null })), expect.stringMatching(/^email\.sent\.v1: data: /)],
])(
  "a body that %s is dead at once, as it came and with its reason, and its neighbours are handled",
  async (_, body, reason) => {
    const { times, dead, deadElsewhere } = await sendAmongHealthy(body);

    expect(dead).toEqual([
      {
        body,
        errorName: "InvalidEventError",
        errorMessage: reason,
        attempts: 1,
      },
    ]);
    expect(times).toEqual(ONCE_EACH);
    expect(deadElsewhere).toEqual({});
  },
);

test("an empty body does not get into a queue: SQS refuses it", async () => {
  await expect(shop.cloud.send(ledger, "")).rejects.toThrow("MessageBody");
});

test("a body as large as SQS takes leaves no room for its reason: SQS itself moves it, whole", async () => {
  const body = ofBytes(LARGEST_MESSAGE);
  const { times, dead, deadElsewhere } = await sendAmongHealthy(body);

  expect(dead).toEqual([{ body }]);
  expect(times).toEqual(ONCE_EACH);
  expect(deadElsewhere).toEqual({});
});

test("a large body that leaves room for its reason has it", async () => {
  const body = ofBytes(LARGEST_MESSAGE - 10_000);
  const { dead } = await sendAmongHealthy(body);

  expect(dead).toEqual([{ body, errorName: "InvalidEventError", errorMessage: expect.any(String), attempts: 1 }]);
});

test("keys named after prototypes are left out of what is kept, and change no prototype", async () => {
  const event = envelope();
  const data = withFirst(`"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}`, event.data);
  const text = withFirst(`"__proto__":{"polluted":true}`, event).replace(JSON.stringify(event.data), data);
  const { times, dead } = await sendAmongHealthy(text);

  const kept = (await shop.cloud.items(ledger, entry)).filter(({ eventId }) => eventId === event.id);
  expect(kept.map((item) => item.data)).toEqual([emailSent.example]);
  expect(dead).toEqual([]);
  expect(times).toEqual(ONCE_EACH);
});

test.each([
  ["id", (event: object) => ({ ...event, id: "half \ud800" })],
  ["subject", (event: object) => ({ ...event, data: { ...emailSent.example, subject: "half \ud800" } })],
])("an event with half a character in its %s is dead at once, with its reason", async (field, change) => {
  const body = JSON.stringify(change(envelope()));
  const { times, dead, deadElsewhere } = await sendAmongHealthy(body);

  const errorMessage = `"${field}" has half a surrogate pair, which is no character`;
  expect(dead).toEqual([{ body, errorName: "InvalidEventError", errorMessage, attempts: 1 }]);
  expect(times).toEqual(ONCE_EACH);
  expect(deadElsewhere).toEqual({});
});

test("a producer's broken order is dead in each service that it reaches, and the next order goes through", async () => {
  const { cloud } = shop;
  await shop.fillShelves(["Z1"], 10);
  const good = createEnvelope(orderPlaced, orderOf("after-the-bad", ["Z1"]), { source: "test" });
  const bad = JSON.stringify({ ...good, id: "bad-order", data: { ...good.data, total: -1 } });
  await Promise.all([orders, inventory].map((service) => cloud.send(service, bad)));
  await cloud.publish(orderPlaced, good.data);
  await cloud.settle();

  for (const service of [orders, inventory]) {
    expect(cloud.deadLetters(service)).toMatchObject([{ body: bad, errorMessage: expect.stringContaining("data.total") }]);
  }
  expect(await cloud.item(orders, order, "after-the-bad")).toMatchObject({ status: "confirmed" });
});

test("a value that a producer put where it does not belong is in no log line and in no reason", async () => {
  const { cloud } = shop;
  const secret = "4111-1111-1111-1111";
  const lines: string[] = [];
  const unsubscribe = cloud.cloud.activity.subscribe((activity) => lines.push(JSON.stringify(activity)));
  const wrong = [{ to: secret }, { orderId: { card: secret } }, { subject: [secret] }, { orderId: `${secret}/${secret}` }];
  const before = cloud.deadLetters(ledger).length;
  await Promise.all(
    wrong.map((change) => cloud.send(ledger, JSON.stringify(envelope({ data: { ...emailSent.example, ...change } })))),
  );
  await cloud.send(ledger, `{"data":"${secret}`);
  await cloud.send(ledger, JSON.stringify(envelope({ data: secret })));
  await cloud.send(ledger, JSON.stringify(envelope({ time: secret })));
  await cloud.settle();
  unsubscribe();

  const dead = cloud.deadLetters(ledger).slice(before);
  expect(dead).toHaveLength(7);
  expect(dead.map(({ errorMessage }) => errorMessage).filter((message) => message?.includes(secret))).toEqual([]);
  expect(lines.filter((line) => line.includes("event dead"))).toHaveLength(7);
  expect(lines.filter((line) => line.includes(secret))).toEqual([]);
});
