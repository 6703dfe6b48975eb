import { defineService } from "#lib/contracts/index.ts";
import { probeCounted, probeSent, probeSent2 } from "../events.ts";
import { counter, progress, sum } from "./counter.ts";

export default defineService("tally", "Counts probes; nothing that it does may happen twice.", {
  consumes: [probeSent, probeSent2],
  publishes: [probeCounted],
  owns: [counter, sum, progress],
  timeoutSeconds: 10,
});
