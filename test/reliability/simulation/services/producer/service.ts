import { defineService } from "#lib/contracts/index.ts";

export default defineService("producer", "Publishes the simulation's events; it has no inbox.", {
  consumes: [],
  publishes: [],
  owns: [],
});
