import { defineService } from "#lib/contracts/index.ts";
import { stepNoted } from "../events.ts";
import { followed } from "./followed.ts";

export default defineService("follower", "Follows what the sequence tells of, in its order.", {
  consumes: [stepNoted],
  publishes: [],
  owns: [followed],
});
