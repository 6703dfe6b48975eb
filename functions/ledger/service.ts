import * as events from "#events";
import { defineService } from "#lib/contracts/index.ts";
import { entry, entryId } from "./entry.ts";

export default defineService("ledger", "Keeps a journal of every event of every topic.", {
  consumes: Object.values(events),
  publishes: [],
  owns: [entry],
  inbox: { entity: entry, id: entryId, unique: true },
  logs: ["subject", "errorMessages"],
});
