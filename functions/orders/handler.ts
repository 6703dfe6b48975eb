import { orderConfirmed, orderRejected } from "#events";
import type { ItemOf } from "#lib/contracts/index.ts";
import { consumer, RetryLaterError, type UnitOfWork } from "#lib/runtime/index.ts";
import { order } from "./order.ts";
import service from "./service.ts";

type Unit = UnitOfWork<typeof service>;
type Order = ItemOf<typeof order>;

export const handler = consumer(service, {
  async "order.placed.v1"({ data }, unit) {
    const { orderId, customer, lines, charges, total, currency } = data;
    if (await unit.get(order, orderId)) return; // the producer sent it twice, under two event ids
    unit.put(order, { orderId, status: "placed", total, currency, email: customer.email, lines, charges });
  },

  async "order.cancelled.v1"({ data }, unit) {
    const known = await load(data.orderId, unit);
    if (known.status === "rejected" || known.status === "cancelled") return;
    unit.put(order, { ...known, status: "cancelled", reason: data.reason });
  },

  async "payment.captured.v1"({ data }, unit) {
    const known = await load(data.orderId, unit);
    if (known.status !== "placed") return; // cancelled meanwhile: payments refunds it
    const { orderId, email, total, currency } = known;
    unit.put(order, { ...known, status: "confirmed" });
    unit.emit(orderConfirmed, { orderId, email, total, currency });
  },

  async "stock.rejected.v1"({ data }, unit) {
    const [first] = data.shortages;
    await reject(data.orderId, "out of stock", `${first?.sku}: ${first?.wanted} wanted, ${first?.available} available`, unit);
  },

  async "payment.declined.v1"({ data }, unit) {
    await reject(data.orderId, "payment declined", data.reason, unit);
  },
});

async function reject(orderId: string, reason: "out of stock" | "payment declined", detail: string, unit: Unit) {
  const known = await load(orderId, unit);
  if (known.status !== "placed") return;
  unit.put(order, { ...known, status: "rejected", reason });
  unit.emit(orderRejected, { orderId, email: known.email, reason, detail });
}

/** The order; events of other topics may overtake the one that places it. */
async function load(orderId: string, unit: Unit): Promise<Order> {
  const known = await unit.get(order, orderId);
  if (!known) throw new RetryLaterError(`order ${orderId} is not known yet`);
  return known;
}
