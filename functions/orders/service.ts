import * as events from "#events";
import { defineService } from "#lib/contracts/index.ts";
import { order } from "./order.ts";

export default defineService("orders", "Saves orders and their state.", {
  consumes: [events.orderPlaced, events.orderCancelled, events.stockRejected, events.paymentCaptured, events.paymentDeclined],
  publishes: [events.orderConfirmed, events.orderRejected, events.orderCancelled],
  owns: [order],
  inbox: { entity: order, id: ({ subject }) => subject },
  takesRequests: true,
  logs: ["subject", "errorMessages"],
});
