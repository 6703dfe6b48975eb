import { type CommandDescription, option } from "../command.ts";
import { stageFlags } from "../target-flags.ts";

export const traceCommand: CommandDescription = {
  name: "trace <id or subject>",
  description: "Draw what followed from an event: which service handled what, when, and for how long.",
  options: [
    option(
      "--since <time>",
      "Look this far back in a stage's logs: 30m, 2h, 1d (default: 1h); the laptop cloud shows what it remembers",
    ),
    option("--json", "Print one JSON object per span"),
    ...stageFlags,
  ],
  examples: ["fanfare trace 536365", "fanfare trace 536365 --stage prod --since 1d"],
  run: async (sought, options) => (await import("./trace.ts")).trace(sought, options),
};
