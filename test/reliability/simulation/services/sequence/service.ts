import { defineService } from "#lib/contracts/index.ts";
import { stepNoted, stepTaken } from "../events.ts";
import { way } from "./way.ts";

export default defineService("sequence", "Follows each key's steps in their order, and tells of each twice.", {
  consumes: [stepTaken],
  publishes: [stepNoted],
  owns: [way],
});
