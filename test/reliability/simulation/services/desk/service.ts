import { defineService } from "#lib/contracts/index.ts";
import { cell, heap, stage } from "../weaver/cell.ts";
import { programTold2 } from "../weaver/events.ts";

export default defineService("desk", "Runs generated handlers for callers, who ask again until they have an answer.", {
  consumes: [],
  publishes: [programTold2],
  owns: [cell, heap, stage],
  queries: [cell],
  timeoutSeconds: 10,
  takesRequests: true,
});
