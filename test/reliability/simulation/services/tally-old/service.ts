import { defineService } from "#lib/contracts/index.ts";
import { probeSent } from "../events.ts";
import current from "../tally/service.ts";

/** The version before probe.sent.v2: what a rolling deployment still runs for a while. */
export default defineService("tally", current.description, {
  consumes: [probeSent],
  publishes: current.publishes,
  owns: current.owns,
  timeoutSeconds: 10,
});
