import { defineService } from "#lib/contracts/index.ts";
import { probeCounted, probeCounted2, probeSent, probeSent2 } from "../events.ts";
import { counter, progress, sum } from "./counter.ts";

export default defineService("tally", "Counts probes; nothing that it does may happen twice.", {
  consumes: [probeSent, probeSent2],
  publishes: [probeCounted, probeCounted2],
  owns: [counter, sum, progress],
  timeoutSeconds: 10,
});
