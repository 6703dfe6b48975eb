import { PROBE_KINDS, type ProbeKind } from "../services/events.ts";
import { PRODUCER_QUEUE } from "../account.ts";
import { Random } from "../../../support/random.ts";
import type { World } from "../world.ts";

/** Products of the simulated shop, and how many pieces of each lie on the shelf. */
export const SHELF: ReadonlyMap<string, number> = new Map([
  ["lantern", 40],
  ["holder", 25],
  ["teapot", 12],
  ["clock", 4],
]);

/** Keys that probes count under: few, so that they meet. */
export const PROBE_KEYS = ["a", "b", "c"];

/** An event that the producer publishes. */
export interface Root {
  /** The event's id; for a body that has none, a name for it. */
  readonly id: string;
  readonly topic: string;
  /** What subscriptions filter by. */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The body, where it is none that a contract allows. */
  readonly body?: string;
  /** Milliseconds from the start of the simulation. */
  readonly at: number;
}

/** Events that follow from an order in the mean, itself included: measured over a thousand seeds. */
const EVENTS_PER_ORDER = 6;

/** Events that follow from a probe in the mean, itself included. */
const EVENTS_PER_PROBE = 2;

/** The one key of large events, and the characters that each has: more than SNS takes. */
export const BULK_KEY = "big";
export const BULK_CHARACTERS = 300_000;
const BULK_TEXT = "x".repeat(BULK_CHARACTERS);

/** How many seeds have a large event. */
const BULK_CHANCE = 0.5;

/** Events that follow from a step, itself included. */
const EVENTS_PER_STEP = 3;

/** Makes up what is published: about so many events in all, those included that services publish in turn. */
export function drawWorkload(seed: number, events: number): { roots: Root[]; lasts: number } {
  const random = new Random(seed, "workload");
  const lasts = random.pick([20_000, 120_000, 1_200_000]);
  const instants = Array.from({ length: 6 }, () => random.between(0, lasts));
  const bursts = random.chance(0.5);
  const time = () => (bursts ? random.pick(instants) + random.between(0, 50) : random.between(0, lasts));
  const roots: Root[] = [];
  if (random.chance(BULK_CHANCE)) {
    const data = { key: BULK_KEY, text: BULK_TEXT };
    roots.push({ id: "bulk-1", topic: "bulk", type: "bulk.sent.v1", data, at: time() });
  }
  for (let drawn = 0; drawn < events;) {
    const number = roots.length + 1;
    const kind = random.next();
    if (kind < 0.25) {
      roots.push(...drawOrder(random, number, time()));
      drawn += EVENTS_PER_ORDER;
    } else if (kind < 0.77) {
      const probe = drawProbe(random, number, time());
      roots.push(probe);
      drawn += EVENTS_PER_PROBE;
      // A publisher's mistake: another event under the same id.
      if (random.chance(0.02)) roots.push({ ...probe, data: { ...probe.data, note: "another" }, at: time() });
    } else if (kind < 0.87) {
      const data = { key: random.pick(PROBE_KEYS), amount: 1 + random.below(9) };
      roots.push({ id: `gauge-${number}`, topic: "probes", type: "gauge.read.v1", data, at: time() });
      drawn += EVENTS_PER_PROBE;
    } else if (kind < 0.95) {
      roots.push(drawStep(random, number, time()));
      drawn += EVENTS_PER_STEP;
    } else {
      roots.push(drawPoison(random, number, time()));
      drawn += 1;
    }
  }
  return { roots, lasts };
}

/** Puts goods on the shelf and numbers under the keys, and hands the producer its work. */
export function startWorkload(world: World, roots: readonly Root[]): void {
  for (const [sku, available] of SHELF) {
    const key = { pk: { S: `stock#${sku}` }, sk: { S: "-" } };
    world.tableOf("inventory").seed({ ...key, sku: { S: sku }, available: { N: String(available) }, version: { N: "1" } });
  }
  for (const name of PROBE_KEYS) {
    const key = { pk: { S: `sum#${name}` }, sk: { S: "-" } };
    world.tableOf("tally").seed({ ...key, key: { S: name }, total: { N: "0" }, version: { N: "1" } });
  }
  const queue = world.queue(PRODUCER_QUEUE);
  for (const { id, topic, type, data, body, at } of roots) {
    const time = new Date(world.startedAt + at).toISOString();
    const asked = body === undefined ? { what: "event", id, time, type, data } : { what: "body", topic, type, body };
    world.scheduler.after(at, () => queue.send({ body: JSON.stringify(asked), origin: "operator", group: undefined }));
  }
}

function drawOrder(random: Random, number: number, at: number): Root[] {
  const orderId = `order-${number}`;
  const email = random.chance(0.8) ? `customer-${number}@shop.example` : undefined;
  const skus = random.shuffled([...SHELF.keys()]).slice(0, 1 + random.below(3));
  const lines = skus.map((sku) => ({
    sku,
    description: sku,
    quantity: 1 + random.below(3),
    unitPrice: random.pick([0, 100, 450, 1_200]),
  }));
  const data = {
    orderId,
    customer: { email, country: "United Kingdom" },
    currency: "GBP",
    lines,
    charges: [],
    total: lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0),
  };
  const placed: Root = { id: `placed-${number}`, topic: "orders", type: "order.placed.v1", data, at };
  const roots = [placed];
  if (random.chance(0.05)) roots.push({ ...placed, id: `placed-again-${number}` });
  if (random.chance(0.3)) {
    const cancelled = { orderId, email, reason: "ordered twice" };
    const when = Math.max(0, at + random.pick([-1_000, 0, 20, 200, 2_000, 60_000]));
    roots.push({ id: `cancelled-${number}`, topic: "orders", type: "order.cancelled.v1", data: cancelled, at: when });
  }
  return roots;
}

const COMMON_KINDS: readonly ProbeKind[] = ["count", "count", "count", "add", "effect", "effect", "steps", "twins", "flaky"];

function drawProbe(random: Random, number: number, at: number): Root {
  const kind = random.chance(0.05) ? random.pick(PROBE_KINDS) : random.pick(COMMON_KINDS);
  const data = { key: random.pick(PROBE_KEYS), amount: 1 + random.below(9), kind };
  const root = { id: `probe-${number}`, topic: "probes", at };
  if (random.chance(0.2)) return { ...root, type: "probe.sent.v2", data: { ...data, note: "new" } };
  return { ...root, type: "probe.sent.v1", data };
}

function drawStep(random: Random, number: number, at: number): Root {
  const kind = random.chance(0.03) ? "fail" : random.chance(0.1) ? random.pick(["flaky", "flaky", "stray"]) : "count";
  const data = { key: random.pick(PROBE_KEYS), amount: 1 + random.below(9), kind };
  return { id: `step-${number}`, topic: "steps", type: "step.taken.v1", data, at };
}

/** A body that no contract allows. Each carries its number, so that it can be told from others. */
function drawPoison(random: Random, number: number, at: number): Root {
  const id = `poison-${number}`;
  const envelope = { specversion: "1.0", id, source: "stranger", subject: "x", time: "2026-11-20T09:00:00.000Z" };
  const [topic, type] = random.pick([
    ["orders", "order.placed.v1"],
    ["probes", "probe.sent.v1"],
    ["probes", "probe.sent.v2"],
    ["payments", "payment.captured.v1"],
  ] as const);
  const body = random.pick([
    `{"id":"${id}",`,
    JSON.stringify({ ...envelope, specversion: "0.3", type, data: {} }),
    JSON.stringify({ ...envelope, type, data: { nonsense: true } }),
    JSON.stringify({ ...envelope, type: "probe.sent.v9", data: {} }),
    JSON.stringify({ ...envelope, type, time: "yesterday", data: {} }),
    JSON.stringify([id]),
    `"${id}"`,
  ]);
  return { id, topic, type, data: {}, body, at };
}
