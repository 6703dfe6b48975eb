import * as events from "#events";
import { defineService } from "#lib/contracts/index.ts";
import { payment } from "./payment.ts";

export default defineService("payments", "Captures an order's payment, and refunds it.", {
  consumes: [events.stockReserved, events.orderCancelled],
  publishes: [events.paymentCaptured, events.paymentDeclined, events.paymentRefunded],
  owns: [payment],
  inbox: { entity: payment, id: ({ subject }) => subject },
  settings: ["PAYMENT_PROVIDER_URL"],
  secrets: ["PAYMENT_API_KEY"],
  logs: ["subject", "errorMessages"],
});
