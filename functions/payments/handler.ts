import { paymentCaptured, paymentDeclined, paymentRefunded } from "#events";
import { consumer, requireVariable, secret, type UnitOfWork } from "#lib/runtime/index.ts";
import { payment } from "./payment.ts";
import { type CaptureResult, PaymentProvider, type RefundResult } from "./provider.ts";
import service from "./service.ts";

type Unit = UnitOfWork<typeof service>;

const provider = new PaymentProvider(requireVariable("PAYMENT_PROVIDER_URL"), secret("PAYMENT_API_KEY"));

export const handler = consumer(service, {
  async "stock.reserved.v1"({ data }, unit) {
    const { orderId, total, currency } = data;
    const known = await unit.get(payment, orderId);
    if (known && known.status !== "cancelled") return;
    // One effect key for both: either the capture happens, or the cancellation of whatever an interrupted capture may have taken.
    const result = await unit.effects.once<CaptureResult | RefundResult>(`payment:${orderId}`, (key) =>
      known
        ? provider.refund(orderId, `${key}:called-off`, unit.signal)
        : provider.capture({ orderId, amount: total, currency }, key, unit.signal),
    );
    if (result.status === "captured") {
      if (known) return refund(orderId, unit); // cancelled while it was captured
      const { paymentId } = result;
      unit.put(payment, { orderId, status: "captured", amount: total, currency, paymentId });
      unit.emit(paymentCaptured, { orderId, paymentId, amount: total, currency });
    } else if (result.status === "declined") {
      if (known) return;
      const { reason } = result;
      unit.put(payment, { orderId, status: "declined", amount: total, currency, reason });
      unit.emit(paymentDeclined, { orderId, amount: total, currency, reason });
    } else {
      recordRefund(orderId, result, unit);
    }
  },

  async "order.cancelled.v1"({ data: { orderId } }, unit) {
    const known = await unit.get(payment, orderId);
    if (known?.status === "captured") return refund(orderId, unit);
    if (!known) unit.put(payment, { orderId, status: "cancelled" });
  },
});

/** Refunds what was captured for the order; the caller has read its payment. */
async function refund(orderId: string, unit: Unit): Promise<void> {
  const result = await unit.effects.once(`refund:${orderId}`, (key) => provider.refund(orderId, key, unit.signal));
  recordRefund(orderId, result, unit);
}

function recordRefund(orderId: string, result: RefundResult, unit: Unit): void {
  if (result.status === "nothing to refund") return;
  const { paymentId, amount, currency } = result;
  unit.put(payment, { orderId, status: "refunded", paymentId, amount, currency });
  unit.emit(paymentRefunded, { orderId, paymentId, amount, currency });
}
