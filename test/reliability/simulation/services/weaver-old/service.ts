import { defineService } from "#lib/contracts/index.ts";
import { cell } from "../weaver/cell.ts";
import { programAsked } from "../weaver/events.ts";
import current from "../weaver/service.ts";

/** The version before program.asked.v2: what a deployment still runs for a while. */
export default defineService("weaver", current.description, {
  consumes: [programAsked],
  publishes: current.publishes,
  owns: current.owns,
  queries: [cell],
  timeoutSeconds: 10,
});
