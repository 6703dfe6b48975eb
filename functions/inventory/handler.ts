import { stockRejected, stockReleased, stockReserved } from "#events";
import { consumer } from "#lib/runtime/index.ts";
import { piecesOf } from "./pieces.ts";
import { release, reserve } from "./reserve.ts";
import service from "./service.ts";

export const handler = consumer(service, {
  async "order.placed.v1"({ data }, unit) {
    const { orderId, total, currency } = data;
    const result = await reserve(orderId, piecesOf(data.lines), unit);
    if (result?.status === "reserved") unit.emit(stockReserved, { orderId, units: result.units, total, currency });
    if (result?.status === "rejected") unit.emit(stockRejected, { orderId, shortages: result.shortages });
  },

  async "order.rejected.v1"({ data: { orderId } }, unit) {
    const units = await release(orderId, unit);
    if (units > 0) unit.emit(stockReleased, { orderId, units });
  },

  async "order.cancelled.v1"({ data: { orderId } }, unit) {
    const units = await release(orderId, unit);
    if (units > 0) unit.emit(stockReleased, { orderId, units });
  },
});
