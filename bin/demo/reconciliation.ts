import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { AnyEntityDefinition, ItemOf } from "#lib/contracts/index.ts";
import { fromItem } from "#lib/runtime/unit/stored-item.ts";
import { entry } from "../../functions/ledger/entry.ts";
import { email } from "../../functions/notifications/email.ts";
import { order } from "../../functions/orders/order.ts";
import { payment } from "../../functions/payments/payment.ts";
import type { StandInPayment } from "../../functions/payments/stand-in.ts";
import { reservation, reservationLines, stock } from "../../functions/inventory/stock.ts";

/** What the demo did itself; the rest is read from the services' tables. */
export interface DemoFacts {
  readonly invoices: number;
  readonly refused: number;
  readonly published: number;
  readonly cancelled: number;
  /** Pieces of each product on the shelf before the first order. */
  readonly openingStock: number;
  readonly mailbox: number;
  readonly deadLetters: number;
  /** The payment provider's books. */
  readonly payments: readonly StandInPayment[];
}

/** One equation: the same thing counted from two independent sources. */
export interface Equation {
  readonly claim: string;
  readonly left: number;
  readonly right: number;
}

/** Counts the orders' effects in the five services' tables, the mailbox and the provider's books. */
export async function reconcile(dynamodb: DynamoDBClient, stage: string, facts: DemoFacts): Promise<Equation[]> {
  const table = (service: string) => `fanfare-${stage}-${service}`;
  const [orders, shelves, reservations, reserved, payments, emails, journal] = await Promise.all([
    itemsOf(dynamodb, table("orders"), order),
    itemsOf(dynamodb, table("inventory"), stock),
    itemsOf(dynamodb, table("inventory"), reservation),
    itemsOf(dynamodb, table("inventory"), reservationLines),
    itemsOf(dynamodb, table("payments"), payment),
    itemsOf(dynamodb, table("notifications"), email),
    itemsOf(dynamodb, table("ledger"), entry),
  ]);
  const ordersIn = count(orders, ({ status }) => status);
  const paymentsIn = count(payments, ({ status }) => status);
  const emailsIn = count(emails, ({ status }) => status);
  const journalOf = count(journal, ({ type }) => type);
  const linesOf = new Map(reserved.map(({ orderId, lines }) => [orderId, lines]));
  const held = reservations.filter(({ status }) => status === "reserved");
  const piecesHeld = sum(held.flatMap(({ orderId, lines = linesOf.get(orderId) ?? [] }) => lines.map((line) => line.quantity)));
  const offShelf = sum(shelves.map(({ available }) => facts.openingStock - available));
  const kept = facts.payments.filter(({ refunded }) => !refunded);
  const totals = new Map(orders.map(({ orderId, total }) => [orderId, total]));
  const confirmedTotal = sum(orders.filter(({ status }) => status === "confirmed").map(({ total }) => total));

  return [
    { claim: "invoices = published + refused by the shop", left: facts.invoices, right: facts.published + facts.refused },
    {
      claim: "published = confirmed + rejected + cancelled",
      left: facts.published,
      right: ordersIn("confirmed") + ordersIn("rejected") + ordersIn("cancelled"),
    },
    { claim: "orders confirmed = orders holding stock", left: ordersIn("confirmed"), right: held.length },
    { claim: "pieces off the shelves = pieces reserved", left: offShelf, right: piecesHeld },
    { claim: "products oversold = none", left: shelves.filter(({ available }) => available < 0).length, right: 0 },
    { claim: "orders confirmed = payments kept", left: ordersIn("confirmed"), right: paymentsIn("captured") },
    { claim: "payments kept = captures in the provider's books", left: paymentsIn("captured"), right: kept.length },
    {
      claim: "pence of confirmed orders = pence the provider holds",
      left: confirmedTotal,
      right: sum(kept.map(({ amount }) => amount)),
    },
    {
      claim: "payments given back = refunds in the provider's books",
      left: paymentsIn("refunded"),
      right: facts.payments.length - kept.length,
    },
    {
      claim: "orders charged = orders charged once, at their total",
      left: new Set(facts.payments.map(({ orderId }) => orderId)).size,
      right: facts.payments.filter(({ orderId, amount }) => totals.get(orderId) === amount).length,
    },
    { claim: "e-mails recorded as sent = e-mails in the mailbox", left: emailsIn("sent"), right: facts.mailbox },
    {
      claim: "e-mails sent, refused or without address = orders confirmed, rejected, cancelled in the journal",
      left: emails.length,
      right: journalOf("order.confirmed.v1") + journalOf("order.rejected.v1") + journalOf("order.cancelled.v1"),
    },
    { claim: "orders placed in the journal = published", left: journalOf("order.placed.v1"), right: facts.published },
    {
      claim: "cancellations in the journal = cancellations published",
      left: journalOf("order.cancelled.v1"),
      right: facts.cancelled,
    },
    {
      claim: "captures in the journal = captures in the provider's books",
      left: journalOf("payment.captured.v1"),
      right: facts.payments.length,
    },
    {
      claim: "rejections in the journal = orders rejected",
      left: journalOf("order.rejected.v1"),
      right: ordersIn("rejected"),
    },
    { claim: "e-mails in the journal = e-mails in the mailbox", left: journalOf("email.sent.v1"), right: facts.mailbox },
    { claim: "dead letters = none", left: facts.deadLetters, right: 0 },
  ];
}

/** All items of one kind in a table. */
async function itemsOf<Entity extends AnyEntityDefinition>(
  dynamodb: DynamoDBClient,
  table: string,
  entity: Entity,
): Promise<ItemOf<Entity>[]> {
  const items: ItemOf<Entity>[] = [];
  let from: ScanCommandOutput["LastEvaluatedKey"];
  do {
    const page = await dynamodb.send(new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: from }));
    for (const item of page.Items ?? []) {
      const { pk, sk, ...stored } = unmarshall(item);
      const key = { pk: String(pk), sk: String(sk) };
      if (key.pk.startsWith(`${entity.name}#`)) items.push(fromItem(entity, key, stored));
    }
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}

function count<Item>(items: readonly Item[], keyOf: (item: Item) => string): (key: string) => number {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return (key) => counts.get(key) ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
