import type { Measurement } from "../measurement.ts";
import { costOfEvent } from "./event.ts";
import { costOfOrder } from "./order.ts";

/** What an order costs on AWS, and what DynamoDB charges for handling an event once. */
export const cost: Measurement = {
  name: "cost",
  run: async (say) => [...(await costOfOrder(say)), ...(await costOfEvent(say))],
};
