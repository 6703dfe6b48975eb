import { orderCancelled } from "#events";
import type { UnitOfWork } from "#lib/runtime/index.ts";
import { order } from "./order.ts";
import type service from "./service.ts";

/** What a cancellation has come to: an order that was rejected or cancelled before stays as it is. */
export interface Cancellation {
  readonly orderId: string;
  readonly status: "cancelled" | "rejected";
  /** Whether this request has cancelled it. */
  readonly changed: boolean;
}

/**
 * Cancels an order. The event has the pieces put back and the payment refunded.
 *
 * @throws Error when there is no such order
 */
export async function cancel(orderId: string, reason: string, unit: UnitOfWork<typeof service>): Promise<Cancellation> {
  const known = await unit.get(order, orderId);
  if (!known) throw new Error(`there is no order ${orderId}`);
  const { status, email } = known;
  if (status === "rejected" || status === "cancelled") return { orderId, status, changed: false };
  unit.put(order, { ...known, status: "cancelled", reason });
  unit.emit(orderCancelled, { orderId, email, reason });
  return { orderId, status: "cancelled", changed: true };
}
