import { type CommandDescription, option } from "../command.ts";
import { stageFlags } from "../target-flags.ts";

export const statusCommand: CommandDescription = {
  name: "status",
  description: "Show every topic, queue, function and table of a stage, with counts.",
  options: [
    option("--watch", "Refresh every second, until Ctrl-C"),
    option("--json", "Print JSON"),
    option("--check", "Exit with code 2 when a dead-letter queue is not empty"),
    ...stageFlags,
  ],
  examples: ["fanfare status --watch", "fanfare status --stage prod --check --json"],
  run: async (options) => (await import("./status.ts")).status(options),
};
