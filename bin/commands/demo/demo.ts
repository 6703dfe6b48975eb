import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import * as v from "valibot";
import { orderCancelled, orderPlaced } from "#events";
import { standInSettings, startPaymentProvider } from "../../../functions/payments/stand-in.ts";
import type { DataOf } from "#lib/contracts/index.ts";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { findParameter } from "#lib/ops/stage-parameter.ts";
import { chooseTarget } from "#lib/ops/target.ts";
import { createPublisher, type EventToPublish, type Publisher, toPublish } from "#lib/runtime/index.ts";
import { ensureAssembly } from "../../assembly.ts";
import { ASSEMBLY, ROOT } from "../../root.ts";
import { readInvoices } from "../../demo/invoices.ts";
import { reconcile } from "../../demo/reconciliation.ts";
import { refusedReport, report } from "../../demo/report.ts";
import { decide } from "../../demo/shop.ts";
import { takeStock } from "../../demo/stock-take.ts";
import { leaveSoonAfter, untilInterrupted } from "../../terminal/interrupt.ts";
import { parseOptions, port } from "../options.ts";
import { paintFor } from "../../terminal/paint.ts";
import { showSteps, type Steps } from "../../terminal/steps.ts";

type Order = DataOf<typeof orderPlaced>;

const demoOptions = v.object({ port: v.optional(port, "0"), keep: v.optional(v.boolean(), false) });

const INVOICES = join(ROOT, "data", "online-retail", "online-retail-2010-12.csv");
const REFUSED = join(ROOT, ".fanfare", "demo", "refused.ndjson");

/** Pieces of each product on the shelf before the first order: enough for most orders, too few for the largest. */
const OPENING_STOCK = 500;

/**
 * The invoices contain no cancelled orders, so the demo cancels one in so many: half at once, while the order
 * is being handled, half when it is confirmed and paid.
 */
const CANCEL_EVERY = 20;

/** The provider declines the largest orders, fails now and then, and sometimes charges but hangs up without answering. */
const PROVIDER = { declineAbove: 500_000, failEvery: 25, hangUpEvery: 40 };

/** Orders published at a time. */
const CHUNK = 20;

/**
 * Feeds the invoices of a real shop through their own laptop cloud, and accounts for every one of them.
 * Exit code 1 if the books do not balance.
 */
export async function demo(given: unknown): Promise<void> {
  const options = parseOptions(demoOptions, given);
  const interrupted = untilInterrupted();
  leaveSoonAfter(interrupted);
  const steps = showSteps(process.stderr);
  const provider = await startPaymentProvider({ behaviour: PROVIDER });
  let cloud: Cloud | undefined;
  try {
    steps.begin("start a laptop cloud for the demo");
    await ensureAssembly();
    cloud = await startCloud({
      assembly: ASSEMBLY,
      port: options.port,
      ...standInSettings(provider.url),
    });
    const { clients } = chooseTarget({ endpoint: cloud.endpoint });
    const dynamodb = new DynamoDBClient(clients);

    const invoices = readInvoices(INVOICES);
    const decisions = invoices.map(decide);
    const orders = decisions.flatMap((decision) => ("order" in decision ? [decision.order] : []));
    const refused = decisions.flatMap((decision) => ("refused" in decision ? [decision] : []));
    writeRefused(refused);

    steps.begin(`put ${OPENING_STOCK} pieces of each product on the shelves`);
    const skus = [...new Set(orders.flatMap(({ lines }) => lines.map(({ sku }) => sku)))];
    await takeStock(dynamodb, "fanfare-dev-inventory", skus, OPENING_STOCK);

    const publisher = await publisherFor(cloud);
    const regretted = orders.filter((_, index) => (index + 1) % CANCEL_EVERY === 0);
    const late = regretted.filter((_, index) => index % 2 === 1);
    await publishOrders(publisher, orders, new Set(regretted.filter((order) => !late.includes(order))), steps);
    await untilSettled(cloud, steps, "every service handles its events");
    await publishAll(publisher, late.map(cancellation));
    await untilSettled(cloud, steps, `${late.length} customers change their minds and are refunded`);

    steps.begin("reconcile");
    const { queues } = await cloud.status();
    const equations = await reconcile(dynamodb, "dev", {
      invoices: invoices.length,
      refused: refused.length,
      published: orders.length,
      cancelled: regretted.length,
      openingStock: OPENING_STOCK,
      mailbox: cloud.mailbox.sent,
      deadLetters: queues.filter(({ deadLettersOf }) => deadLettersOf.length > 0).reduce((sum, { ready }) => sum + ready, 0),
      payments: provider.payments,
    });
    steps.end();
    const paint = paintFor(process.stdout);
    process.stdout.write(refusedReport(refused, relative(process.cwd(), REFUSED), paint));
    process.stdout.write(report(equations, paint));
    if (equations.some(({ left, right }) => left !== right)) process.exitCode = 1;
    if (options.keep && !interrupted.aborted) {
      process.stdout.write(`\nThe demo's cloud keeps running at ${cloud.endpoint} until Ctrl-C.\n`);
      await new Promise((resolve) => interrupted.addEventListener("abort", resolve, { once: true }));
    }
  } finally {
    await cloud?.stop();
    await provider.stop();
  }
}

async function publisherFor(cloud: Cloud): Promise<Publisher> {
  const target = chooseTarget({ endpoint: cloud.endpoint });
  const arn = await findParameter(new SSMClient(target.clients), "/fanfare/dev/topics/orders", target);
  return createPublisher({ source: "demo-shop", topicArns: new Map([["orders", arn]]), sns: new SNSClient(target.clients) });
}

/** Publishes the orders, those to be cancelled at once together with their cancellations. */
async function publishOrders(publisher: Publisher, orders: readonly Order[], cancelled: ReadonlySet<Order>, steps: Steps) {
  for (let start = 0; start < orders.length; start += CHUNK) {
    steps.begin(`publish ${Math.min(start + CHUNK, orders.length)} of ${orders.length} orders`, { over: start > 0 });
    const chunk = orders.slice(start, start + CHUNK);
    await publishAll(publisher, [
      ...chunk.map((order) => toPublish(orderPlaced, order)),
      ...chunk.filter((order) => cancelled.has(order)).map(cancellation),
    ]);
  }
}

function cancellation({ orderId, customer: { email } }: Order): EventToPublish {
  return toPublish(orderCancelled, { orderId, ...(email && { email }), reason: "changed their mind (simulated)" });
}

async function publishAll(publisher: Publisher, events: readonly EventToPublish[]): Promise<void> {
  const results = await publisher.publishAll(events);
  const failed = results.find((result) => result.status === "failed");
  if (failed) throw new Error(`an event was not published: ${failed.error.message}`);
}

/** Waits until every queue is empty and nothing runs, and shows how much is left meanwhile. */
async function untilSettled(cloud: Cloud, steps: Steps, what: string): Promise<void> {
  steps.begin(what);
  let waiting = true;
  const show = async () => {
    const { queues } = await cloud.status();
    if (!waiting) return;
    const sources = queues.filter(({ drainedBy }) => drainedBy);
    const left = sources.reduce((sum, { ready, inFlight, delayed }) => sum + ready + inFlight + delayed, 0);
    steps.begin(`${what}: ${left} to go`, { over: true });
  };
  const timer = setInterval(() => void show(), 200);
  try {
    await cloud.settled(SETTLE_MILLISECONDS);
  } finally {
    clearInterval(timer);
    waiting = false;
  }
  steps.begin(what, { over: true });
}

/** Longest that the demo waits for the last event. */
const SETTLE_MILLISECONDS = 5 * 60_000;

function writeRefused(refused: readonly { refused: string; invoice: object }[]): void {
  mkdirSync(join(REFUSED, ".."), { recursive: true });
  writeFileSync(REFUSED, refused.map(({ refused: reason, invoice }) => `${JSON.stringify({ reason, ...invoice })}\n`).join(""));
}
