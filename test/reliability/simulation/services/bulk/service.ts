import { defineService } from "#lib/contracts/index.ts";
import { bulkKept, bulkSent } from "../events.ts";
import { shelf } from "./shelf.ts";

export default defineService("bulk", "Counts events that are larger than SNS takes, and publishes such itself.", {
  consumes: [bulkSent, bulkKept],
  publishes: [bulkKept],
  owns: [shelf],
});
