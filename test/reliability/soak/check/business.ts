import * as v from "valibot";
import type { Facts } from "./check.ts";
import type { DeadLetter } from "./settlements.ts";
import { type Event, orderItem, paymentItem, placedData, reservationItem, reservedLines, stockItem } from "./shapes.ts";

/** Types of which an order has one at the most, whatever happened on the way. */
const ONCE = [
  "stock.reserved.v1",
  "stock.rejected.v1",
  "stock.released.v1",
  "payment.captured.v1",
  "payment.declined.v1",
  "payment.refunded.v1",
  "order.confirmed.v1",
  "order.rejected.v1",
];

/** Stock and money are conserved, nothing is doubled under another id, and every order has come to an end. */
export function checkBusiness(facts: Facts, events: readonly Event[], dead: readonly DeadLetter[]): string[] {
  const orders = new Map(
    facts.acknowledged
      .filter(({ type }) => type === "order.placed.v1")
      .map(({ subject, data }) => [subject, v.parse(placedData, data)]),
  );
  // An order with a dead letter waits for an operator: services may well disagree on it until then.
  const waiting = new Set(dead.map((letter) => letter.event.subject));
  return [...checkOnce(events), ...checkStock(facts, orders), ...checkMoney(facts, orders, waiting)];
}

type Placed = ReadonlyMap<string, v.InferOutput<typeof placedData>>;

function checkOnce(events: readonly Event[]): string[] {
  const counts = new Map<string, number>();
  for (const { type, subject } of events) {
    if (!ONCE.includes(type)) continue;
    const what = `${type} of ${subject}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].flatMap(([what, count]) => (count === 1 ? [] : [`${what} was published under ${count} ids`]));
}

/** What is off the shelves is what orders hold, piece by piece, and each holds what was ordered. */
function checkStock({ world, openingStock }: Facts, orders: Placed): string[] {
  const items = world.tables.get("inventory") ?? [];
  const holding = itemsOf(reservationItem, items, "reservation").filter(({ status }) => status === "reserved");
  const lines = new Map(
    itemsOf(reservedLines, items, "reservation-lines").map((reserved) => [reserved.orderId, reserved.lines]),
  );
  const findings: string[] = [];
  const held = new Map<string, number>();
  for (const { orderId, lines: own } of holding) {
    const reserved = own ?? lines.get(orderId) ?? [];
    const ordered = orders.get(orderId);
    if (!ordered) findings.push(`stock is reserved for ${orderId}, which nobody has ordered`);
    if (pieces(reserved) !== pieces(ordered?.lines ?? [])) findings.push(`${orderId} holds other pieces than were ordered`);
    for (const { sku, quantity } of reserved) held.set(sku, (held.get(sku) ?? 0) + quantity);
  }
  for (const { sku, available } of itemsOf(stockItem, items, "stock")) {
    if (available < 0) findings.push(`${sku} is oversold: ${available}`);
    const off = openingStock - available;
    if (off !== (held.get(sku) ?? 0))
      findings.push(`${sku}: ${off} pieces are off the shelf, orders hold ${held.get(sku) ?? 0}`);
  }
  return findings;
}

/** Every order is confirmed and paid in full once, or has cost nothing: by the services' tables and by the provider's books. */
function checkMoney({ world, payments }: Facts, orders: Placed, waiting: ReadonlySet<string>): string[] {
  const known = new Map(itemsOf(orderItem, world.tables.get("orders") ?? [], "order").map((order) => [order.orderId, order]));
  const paid = new Map(
    itemsOf(paymentItem, world.tables.get("payments") ?? [], "payment").map((it) => [it.orderId, it.status]),
  );
  const findings: string[] = [];
  for (const orderId of [...known.keys(), ...paid.keys(), ...payments.map((it) => it.orderId)])
    if (!orders.has(orderId)) findings.push(`${orderId} is in the books, and nobody has ordered it`);
  for (const [orderId, { total }] of orders) {
    const charged = payments.filter((it) => it.orderId === orderId);
    if (charged.length > 1) findings.push(`${orderId} was charged ${charged.length} times`);
    if (charged.some(({ amount }) => amount !== total)) findings.push(`${orderId} was charged another amount than its total`);
    if (waiting.has(orderId)) continue;
    const status = known.get(orderId)?.status ?? "unknown";
    const kept = charged.filter(({ refunded }) => !refunded).length;
    if (!["confirmed", "rejected", "cancelled"].includes(status))
      findings.push(`${orderId} is ${status}: it has not come to an end`);
    if ((status === "confirmed") !== (kept === 1))
      findings.push(`${orderId} is ${status}, and the provider holds ${kept} payments`);
    if ((paid.get(orderId) === "captured") !== (kept === 1))
      findings.push(`${orderId} is ${paid.get(orderId)} by our books, and the provider holds ${kept} payments`);
  }
  return findings;
}

function itemsOf<Schema extends v.GenericSchema>(
  schema: Schema,
  items: readonly object[],
  kind: string,
): v.InferOutput<Schema>[] {
  return items.filter((item) => "pk" in item && String(item.pk).startsWith(`${kind}#`)).map((item) => v.parse(schema, item));
}

/** Pieces by product, as a text that tells two apart. */
function pieces(lines: readonly { sku: string; quantity: number }[]): string {
  return lines
    .map(({ sku, quantity }) => `${quantity} ${sku}`)
    .toSorted()
    .join(", ");
}
