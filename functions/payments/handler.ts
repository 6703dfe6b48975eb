import { paymentCaptured, paymentDeclined, paymentRefunded } from "#events";
import { consumer, requireVariable, type UnitOfWork } from "#lib/runtime/index.ts";
import { payment } from "./payment.ts";
import { PaymentProvider } from "./provider.ts";
import service from "./service.ts";

const provider = new PaymentProvider(requireVariable("PAYMENT_PROVIDER_URL"));

export const handler = consumer(service, {
  async "stock.reserved.v1"({ data }, unit) {
    const { orderId, total, currency } = data;
    const known = await unit.get(payment, orderId);
    // Called off while a capture may have been under way: whatever the provider took is given back.
    if (known?.status === "cancelled") return refund(orderId, unit);
    if (known) return;
    const capture = await unit.effects.once(`capture:${orderId}`, (key) =>
      provider.capture({ orderId, amount: total, currency }, key, unit.signal),
    );
    if (capture.status === "captured") {
      const { paymentId } = capture;
      unit.put(payment, { orderId, status: "captured", amount: total, currency, paymentId });
      unit.emit(paymentCaptured, { orderId, paymentId, amount: total, currency });
    } else {
      unit.put(payment, { orderId, status: "declined", amount: total, currency, reason: capture.reason });
      unit.emit(paymentDeclined, { orderId, amount: total, currency, reason: capture.reason });
    }
  },

  async "order.cancelled.v1"({ data: { orderId } }, unit) {
    const known = await unit.get(payment, orderId);
    if (known?.status === "captured") return refund(orderId, unit);
    if (!known) unit.put(payment, { orderId, status: "cancelled" });
  },
});

/** Gives back what was captured for the order; the caller has read its payment. */
async function refund(orderId: string, unit: UnitOfWork<typeof service>): Promise<void> {
  const result = await unit.effects.once(`refund:${orderId}`, (key) => provider.refund(orderId, key, unit.signal));
  if (result.status === "nothing to refund") return;
  const { paymentId, amount, currency } = result;
  unit.put(payment, { orderId, status: "refunded", paymentId, amount, currency });
  unit.emit(paymentRefunded, { orderId, paymentId, amount, currency });
}
