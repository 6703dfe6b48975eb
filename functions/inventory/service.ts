import * as events from "#events";
import { defineService } from "#lib/contracts/index.ts";
import { stock, reservation, reservationLines } from "./stock.ts";

export default defineService("inventory", "Reserves stock for an order, all lines or none, and releases it.", {
  consumes: [events.orderPlaced, events.orderRejected, events.orderCancelled],
  publishes: [events.stockReserved, events.stockRejected, events.stockReleased],
  owns: [stock, reservation, reservationLines],
  inbox: { entity: reservation, id: ({ subject }) => subject },
  logs: ["subject", "errorMessages"],
});
