import { type CommandDescription, option } from "../command.ts";
import { stageFlags } from "../target-flags.ts";

export const tailCommand: CommandDescription = {
  name: "tail",
  description: "Follow events and logs live: what each service did with each event.",
  options: [
    option("--since <time>", "Start this far back: 30s, 5m, 2h, 1d (default: now)"),
    option("--service <name>", "Only this service"),
    option("--event <id or subject>", "Only events with this id, correlation id or (where the service logs it) subject"),
    option("--errors", "Only what went wrong: retries, dead letters, warnings, errors"),
    option("--json", "Print one JSON object per line"),
    ...stageFlags,
  ],
  examples: ["fanfare tail --since 5m --event 536365", "fanfare tail --stage prod --service payments --errors"],
  run: async (options) => (await import("./tail.ts")).tail(options),
};
