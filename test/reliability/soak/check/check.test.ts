import { expect, test } from "vitest";
import type { StandInPayment } from "../../../../functions/payments/stand-in.ts";
import { check, type Facts } from "./check.ts";
import type { Item, Letter } from "./read-world.ts";

const lines = [{ sku: "A", quantity: 2 }];
const placed = { id: "e1", type: "order.placed.v1", subject: "1", data: { orderId: "1", total: 200, lines } };
const reserved = { id: "e2", type: "stock.reserved.v1", subject: "1" };
const payment: StandInPayment = { paymentId: "p", orderId: "1", amount: 200, currency: "GBP", refunded: false };

/** One order that went right, in two services; a test spoils what it likes. */
function world() {
  const outgoing = [{ type: reserved.type, body: JSON.stringify(reserved) }];
  const inventory: Item[] = [
    { pk: "stock#A", sku: "A", available: 98 },
    { pk: "reservation#1", orderId: "1", status: "reserved", lines, inbox: [{ id: "e1", outgoing }] },
    { pk: "reservation#2", orderId: "2", status: "released" },
    { pk: "reservation-lines#2", orderId: "2", lines },
  ];
  const payments: Item[] = [
    { pk: "inbox#payments#e2", outgoing: [] },
    { pk: "payment#1", orderId: "1", status: "captured" },
  ];
  const orders: Item[] = [{ pk: "order#1", orderId: "1", status: "confirmed", total: 200 }];
  const deadLetters = new Map<string, Letter[]>();
  return { inventory, payments, orders, deadLetters, books: [payment] };
}

function findings(spoil: (it: ReturnType<typeof world>) => void): readonly string[] {
  const it = world();
  spoil(it);
  const { inventory, payments, orders, deadLetters, books } = it;
  const facts: Facts = {
    acknowledged: [placed],
    world: {
      tables: new Map(Object.entries({ inventory, payments, orders })),
      subscriptions: new Map([
        ["inventory", new Set([placed.type])],
        ["payments", new Set([reserved.type])],
      ]),
      deadLetters,
      busyQueues: [],
    },
    payments: books,
    openingStock: 100,
  };
  return check(facts).findings;
}

test("the checks find nothing where everything went right", () => {
  expect(findings(() => {})).toEqual([]);
});

test.each<[string, (it: ReturnType<typeof world>) => void, string]>([
  [
    "an event that was lost",
    ({ payments }) => payments.shift(),
    "payments: stock.reserved.v1 e2 has 0 effects and 0 dead letters",
  ],
  [
    "an event that took effect and is dead",
    ({ deadLetters }) => deadLetters.set("payments", [{ body: JSON.stringify(reserved), reason: "Error" }]),
    "payments: stock.reserved.v1 e2 has 1 effects and 1 dead letters",
  ],
  [
    "an effect without an event",
    ({ payments }) => payments.push({ pk: "inbox#payments#e9", outgoing: [] }),
    "payments has handled e9, which nobody has published",
  ],
  [
    "stock that was taken twice",
    ({ inventory }) => inventory.splice(0, 1, { pk: "stock#A", sku: "A", available: 96 }),
    "A: 4 pieces are off the shelf, orders hold 2",
  ],
  ["a customer who was charged twice", ({ books }) => books.push(payment), "1 was charged 2 times"],
  [
    "an order that never ended",
    ({ orders }) => orders.splice(0, 1, { pk: "order#1", orderId: "1", status: "placed", total: 200 }),
    "1 is placed: it has not come to an end",
  ],
  [
    "money for a stranger",
    ({ books }) => books.push({ ...payment, orderId: "2" }),
    "2 is in the books, and nobody has ordered it",
  ],
])("the checks find %s", (_, spoil, finding) => {
  expect(findings(spoil)).toContain(finding);
});
