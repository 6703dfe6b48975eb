import { defineService } from "#lib/contracts/index.ts";
import { cell, heap, stage } from "./cell.ts";
import { programAsked2, programTold } from "./events.ts";

export default defineService("weaver", "Runs generated handlers.", {
  consumes: [programAsked2],
  publishes: [programTold],
  owns: [cell, heap, stage],
  queries: [cell],
  timeoutSeconds: 10,
});
