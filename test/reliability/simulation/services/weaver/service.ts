import { defineService } from "#lib/contracts/index.ts";
import { cell, heap, stage } from "./cell.ts";
import { programAsked2, programTold2 } from "./events.ts";

export default defineService("weaver", "Runs generated handlers.", {
  consumes: [programAsked2],
  publishes: [programTold2],
  owns: [cell, heap, stage],
  queries: [cell],
  timeoutSeconds: 10,
});
