import type { orderCancelled, orderConfirmed, orderRejected } from "#events";
import type { EnvelopeOf } from "#lib/contracts/index.ts";

/** The message to the customer about an event. */
export function messageOf(event: EnvelopeOf<typeof orderConfirmed | typeof orderRejected | typeof orderCancelled>): {
  subject: string;
  text: string;
} {
  const { orderId } = event.data;
  switch (event.type) {
    case "order.confirmed.v1": {
      const { total, currency } = event.data;
      return {
        subject: `Your order ${orderId} is confirmed`,
        text: `Thank you for your order ${orderId} of ${(total / 100).toFixed(2)} ${currency}. It is on its way to you soon.`,
      };
    }
    case "order.rejected.v1":
      return {
        subject: `We cannot deliver your order ${orderId}`,
        text: `We are sorry: your order ${orderId} cannot be delivered (${event.data.reason}). You have not been charged.`,
      };
    case "order.cancelled.v1":
      return {
        subject: `Your order ${orderId} is cancelled`,
        text: `Your order ${orderId} is cancelled (${event.data.reason}). What you have paid is given back.`,
      };
  }
}
