import { defineService } from "#lib/contracts/index.ts";
import { gaugeRead, probeCounted2 } from "../events.ts";
import { gauge } from "./gauge.ts";

export default defineService("gauge", "Adds up readings, its inbox in the one item that it writes.", {
  consumes: [gaugeRead],
  publishes: [probeCounted2],
  owns: [gauge],
  inbox: { entity: gauge, id: ({ subject }) => subject },
});
