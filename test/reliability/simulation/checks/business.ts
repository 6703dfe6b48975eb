import type { Checks } from "./checks.ts";
import { type Item, numberIn, plain, textIn } from "../cloud/items.ts";
import { BULK_CHARACTERS, BULK_KEY, SHELF } from "../shop/workload.ts";
import type { World } from "../world.ts";
import type { KnownEvent } from "./events.ts";

/** Steps of a probe in steps: each adds once. */
const STEPS = 3;

/** The books of the shop and of the probes, once everything has taken effect. */
export function checkBooks(world: World<Checks>): void {
  checkProbes(world);
  checkMail(world);
  if (world.checks.deliveries.expired > 0) return; // events are gone for good: the stories of their orders have no end
  checkOrders(world);
  checkStock(world);
  checkJournal(world);
}

/** What each counter must have: by the service, the entity and the key. */
type Expected = Map<string, number>;

/** Counters have what the probes that took effect say, no more and no less. */
function checkProbes(world: World<Checks>): void {
  const expected: Expected = new Map();
  for (const { service, event } of world.checks.deliveries.all.values()) {
    if (world.checks.commits.effectsOf(service, event.id) === 0) continue;
    expect(expected, service, event);
    checkRecorded(world, service, event);
  }
  // A probe in steps that never reached its end has added less than all.
  const steps = [...world.tableOf("tally").items.keys()].some((key) => key.startsWith("progress#"));
  for (const [name, total] of expected) {
    const [service = "", pk = ""] = name.split(" ");
    if (!(steps && pk.startsWith("sum#"))) compare(world, name, numberIn(item(world, service, pk), "total"), total);
  }
}

/** Adds what an event must have added. */
function expect(expected: Expected, service: string, event: KnownEvent): void {
  const { key, amount, kind } = probeOf(event);
  const add = (pk: string, by: number) => expected.set(`${service} ${pk}`, (expected.get(`${service} ${pk}`) ?? 0) + by);
  switch (service) {
    case "audit":
      return void add(`audited#${key}`, amount);
    case "gauge":
      return void add(`gauge#${key}`, amount);
    case "sequence":
      return void add(`way#${key}`, amount);
    case "bulk":
      return void add(`shelf#${event.id.startsWith("bulk-") ? `${BULK_KEY}-sent` : `${BULK_KEY}-kept`}`, BULK_CHARACTERS);
    case "follower":
      return void add(`followed#${key}`, amount);
    case "tally":
      if (kind === "add") add(`sum#${key}`, amount);
      else if (kind === "steps") add(`sum#${key}`, amount * STEPS);
      else add(`counter#${key}`, amount);
      if (kind === "twins") add(`counter#${key}-twin`, amount);
  }
}

/** The outside effect of an event that took effect is on record. */
function checkRecorded(world: World<Checks>, service: string, { id, data }: KnownEvent): void {
  if (service !== "tally" || data["kind"] !== "effect") return;
  const record = item(world, "tally", `effect#tally#probe:${id}`);
  if (!record?.["result"]) world.checks.report("a finished effect is on record", id);
}

function probeOf({ data }: KnownEvent): { key: string; amount: number; kind: unknown } {
  return { key: String(data["key"]), amount: Number(data["amount"]), kind: data["kind"] };
}

function compare(world: World<Checks>, what: string, actual: number, expected: number): void {
  if (actual !== expected)
    world.checks.report("nothing is counted twice, or not at all", `${what} is ${actual}, expected ${expected}`);
}

/** Where nothing went wrong, nobody gets a message twice; a crash between SES's answer and its record may send one again. */
function checkMail(world: World<Checks>): void {
  if (world.faults.total > 0) return;
  for (const [message, times] of world.outside.mails) {
    if (times > 1) world.checks.report("a message is sent once where nothing fails", `${times} times: ${message}`);
  }
}

/** Every order has come to an end, and each service tells the same story of it. */
function checkOrders(world: World<Checks>): void {
  const placed = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { type, data, body } of world.checks.roots) {
    if (type === "order.placed.v1" && body === undefined) placed.set(String(data["orderId"]), data);
  }
  for (const [orderId, { total }] of placed) {
    const order = textIn(item(world, "orders", `order#${orderId}`), "status");
    const reservation = textIn(item(world, "inventory", `reservation#${orderId}`), "status");
    const payment = textIn(item(world, "payments", `payment#${orderId}`), "status");
    const taken = world.outside.payments.filter((known) => known.orderId === orderId);
    const kept = taken.filter(({ refunded }) => !refunded);
    const story = `${orderId}: order ${order}, reservation ${reservation}, payment ${payment}, taken ${taken.length}, kept ${kept.length}`;
    const confirmed = order === "confirmed";
    const isPaid = total === 0 || (kept.length === 1 && kept[0]?.amount === total);
    const fits = confirmed
      ? reservation === "reserved" && payment === "captured" && isPaid
      : ["rejected", "cancelled"].includes(order) && ["rejected", "released"].includes(reservation) && kept.length === 0;
    if (!fits) world.checks.report("an order's story has one end", story);
    if (taken.length > 1) world.checks.report("money is taken once", story);
  }
}

/** What was on the shelf is there, or reserved. */
function checkStock(world: World<Checks>): void {
  const reserved = new Map<string, number>();
  for (const [key, held] of world.tableOf("inventory").items) {
    if (!key.startsWith("reservation#") || textIn(held, "status") !== "reserved") continue;
    const lines = held["lines"] ? held : item(world, "inventory", `reservation-lines#${textIn(held, "orderId")}`);
    for (const { sku, quantity } of linesOf(lines)) {
      reserved.set(sku, (reserved.get(sku) ?? 0) + quantity);
    }
  }
  for (const [sku, pieces] of SHELF) {
    const available = numberIn(item(world, "inventory", `stock#${sku}`), "available");
    const held = reserved.get(sku) ?? 0;
    if (available + held !== pieces) {
      world.checks.report("stock is conserved", `${sku}: ${available} on the shelf and ${held} reserved, of ${pieces}`);
    }
  }
}

function linesOf(lines: Item | undefined): { sku: string; quantity: number }[] {
  const found: unknown = lines && plain(lines)["lines"];
  if (!Array.isArray(found)) return [];
  return found.map((line: unknown) => {
    const entries = new Map<string, unknown>(Object.entries(typeof line === "object" && line !== null ? line : {}));
    return { sku: String(entries.get("sku")), quantity: Number(entries.get("quantity")) };
  });
}

/** The journal has every event that the ledger handled, once. */
function checkJournal(world: World<Checks>): void {
  const entries = new Map<string, number>();
  for (const [key, entry] of world.tableOf("ledger").items) {
    if (!key.startsWith("journal#")) continue;
    const id = textIn(entry, "eventId");
    entries.set(id, (entries.get(id) ?? 0) + 1);
  }
  for (const { service, event } of world.checks.deliveries.all.values()) {
    if (service !== "ledger" || event.poison) continue;
    const found = entries.get(event.id) ?? 0;
    if (found !== 1) world.checks.report("the journal has each event once", `${event.id}: ${found} entries`);
  }
}

function item(world: World<Checks>, service: string, pk: string): Item | undefined {
  return world.tableOf(service).items.get(`${pk}|-`);
}
