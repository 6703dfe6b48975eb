import { defineService } from "#lib/contracts/index.ts";
import { cell, heap, stage } from "../weaver/cell.ts";
import { dialAsked, programTold2 } from "../weaver/events.ts";

export default defineService("dial", "Runs generated handlers that put the one cell they read.", {
  consumes: [dialAsked],
  publishes: [programTold2],
  owns: [cell, heap, stage],
  queries: [cell],
  timeoutSeconds: 10,
  inbox: { entity: cell, id: ({ subject }) => subject },
});
