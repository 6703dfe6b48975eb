import { type CommandDescription, option } from "../command.ts";
import { keepMemoryFlat } from "../../terminal/flat-memory.ts";
import { stageFlags } from "../target-flags.ts";

export const publishCommand: CommandDescription = {
  name: "publish [type]",
  description: "Publish events of a type: each is checked against its contract, then sent to its topic.",
  options: [
    option("--data <json>", "The event's data"),
    option("--file <path>", "Read the data of one event from a .json file, or of one event per line from .ndjson or .jsonl"),
    option("--stdin", "Read the data of one event per line (NDJSON) from standard input; also written -"),
    option("--example", "Publish the example from the event's contract"),
    option("--source <name>", "The events' source (default: fanfare-cli)"),
    option(
      "--id <id>",
      "The event's id, for one event (default: a random UUID; of a line of a file, one made of the type, the file's name without its folder, and the line's number and text)",
    ),
    option("--new-ids", "Give the lines of a file random ids: the same file takes effect again"),
    option("--from <line>", "Begin with this line, as a run that was stopped says"),
    option("--refused <path>", "Write the lines that were not published to this file, with line number and reason"),
    option("--yes", "Do not ask before publishing to a stage that keeps data"),
    option("--list", "List the types of events instead of publishing"),
    ...stageFlags,
  ],
  examples: [
    "fanfare publish order.placed.v1 --example",
    "tail -f shop.ndjson | npx fanfare publish order.cancelled.v1 -",
    "fanfare publish order.placed.v1 --file orders.ndjson --refused refused.ndjson --stage dev",
  ],
  run: async (type, options) => {
    keepMemoryFlat();
    await (await import("./publish.ts")).publish(type, options);
  },
};
