import { afterAll, beforeAll, expect, test } from "vitest";
import { emailSent } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import { entry } from "../../../functions/ledger/entry.ts";
import ledger from "../../../functions/ledger/service.ts";
import { openShop, type Shop } from "../../support/open-shop.ts";

/** Largest message of SQS, in bytes: AWSSimpleQueueService, "Message quotas". */
const LARGEST_MESSAGE = 1_048_576;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** An event that the ledger alone consumes, as it lies in a queue. */
function envelope(id: string, changes: Record<string, unknown> = {}) {
  return { ...createEnvelope(emailSent, emailSent.example, { source: "test", id }), ...changes };
}

test("a body as large as SQS takes leaves no room for its reason: SQS itself moves it, whole, and its neighbours are handled", async () => {
  const { cloud } = shop;
  const empty = JSON.stringify(envelope("large", { data: "" }));
  const body = empty.replace('"data":""', `"data":"${"x".repeat(LARGEST_MESSAGE - Buffer.byteLength(empty))}"`);
  const healthy = Array.from({ length: 9 }, (_, index) => envelope(`healthy-${index}`));
  const bodies = healthy.map((event) => JSON.stringify(event)).toSpliced(4, 0, body);
  await Promise.all(bodies.map((text) => cloud.send(ledger, text)));
  await cloud.settle();

  expect(cloud.deadLetters(ledger)).toEqual([{ body }]);
  const journal = await cloud.items(ledger, entry);
  expect(journal.map(({ eventId }) => eventId).toSorted()).toEqual(healthy.map(({ id }) => id));
});

test("a value that a producer put where it does not belong is in no log line", async () => {
  const { cloud } = shop;
  const secret = "4111-1111-1111-1111";
  const lines: string[] = [];
  const unsubscribe = cloud.cloud.activity.subscribe((activity) => lines.push(JSON.stringify(activity)));
  const wrong = [{ to: secret }, { orderId: { card: secret } }, { subject: [secret] }, { orderId: `${secret}/${secret}` }];
  const bodies = [
    ...wrong.map((change, index) => JSON.stringify(envelope(`wrong-${index}`, { data: { ...emailSent.example, ...change } }))),
    `{"data":"${secret}`,
    JSON.stringify(envelope("no-data", { data: secret })),
    JSON.stringify(envelope("no-time", { time: secret })),
  ];
  for (const body of bodies) await cloud.send(ledger, body);
  await cloud.settle();
  unsubscribe();

  expect(lines.filter((line) => line.includes("event dead"))).toHaveLength(bodies.length);
  expect(lines.filter((line) => line.includes(secret))).toEqual([]);
});

test("a log line of a dead event names the line of the source file, not of the bundle", async () => {
  const { cloud } = shop;
  const lines: string[] = [];
  const unsubscribe = cloud.cloud.activity.subscribe((activity) => lines.push(JSON.stringify(activity)));
  await cloud.send(ledger, "{oops");
  await cloud.settle();
  unsubscribe();

  const dead = lines.find((line) => line.includes("event dead"));
  expect(dead).toMatch(/at .*lib\/contracts\/envelope\.ts:\d+:\d+/);
  expect(dead).not.toContain("index.mjs");
});
