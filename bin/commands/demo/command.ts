import { type CommandDescription, option } from "../command.ts";

export const demoCommand: CommandDescription = {
  name: "demo",
  description: "Run a real shop's 512 invoices through a separate laptop cloud, and account for every one.",
  options: [
    option("--port <number>", "Port of that laptop cloud (default: any free one)"),
    option("--keep", "Keep it running afterwards, until Ctrl-C, to look around"),
  ],
  examples: ["fanfare demo", "fanfare demo --keep --port 5000"],
  run: async (options) => (await import("./demo.ts")).demo(options),
};
