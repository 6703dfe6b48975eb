import { defineService } from "#lib/contracts/index.ts";
import { probeCounted2 } from "../events.ts";
import { audited } from "./audited.ts";

export default defineService("audit", "Adds up what the tally tells of, in either version of the event.", {
  consumes: [probeCounted2],
  publishes: [],
  owns: [audited],
});
