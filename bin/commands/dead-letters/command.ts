import { type Action, type CommandDescription, option, runAction } from "../command.ts";
import { keepMemoryFlat } from "../../terminal/flat-memory.ts";
import { stageFlags } from "../target-flags.ts";

const actions: readonly Action[] = [
  {
    usage: "list [service]",
    description: "How many letters there are, how old, and why they are dead",
    run: async (service, options) => (await import("./list.ts")).list(service, options),
  },
  {
    usage: "show <service>",
    description: "Each letter with its reason, its attempts and its data",
    run: async (service, options) => (await import("./show.ts")).show(service, options),
  },
  {
    usage: "redrive <service>",
    description: "Send letters back to the service's queue",
    run: async (service, options) => (await import("./redrive.ts")).redrive(service, options),
  },
  {
    usage: "edit <service>",
    description: "Give one letter's event other data, checked against its contract",
    run: async (service, options) => (await import("./edit.ts")).edit(service, options),
  },
  {
    usage: "purge <service>",
    description: "Delete letters: asks first, and writes them to a file",
    run: async (service, options) => (await import("./purge.ts")).purge(service, options),
  },
  {
    usage: "export <service>",
    description: "Write letters as NDJSON, without removing them",
    run: async (service, options) => (await import("./export.ts")).exportLetters(service, options),
  },
  {
    usage: "import <service>",
    description: "Put letters that export or purge wrote back into the dead-letter queue",
    run: async (service, options) => {
      keepMemoryFlat();
      await (await import("./import.ts")).importLetters(service, options);
    },
  },
];

export const deadLettersCommand: CommandDescription = {
  name: "dlq <action> [service]",
  description: "Look at what a service could not handle, fix it, and send it back to that service.",
  actions,
  options: [
    option("--id <id>", "Only the letter of this message or event; repeatable", { repeatable: true }),
    option("--filter <text>", "Only letters whose type or reason contains it, or field=value; repeatable, all must match", {
      repeatable: true,
    }),
    option("--all", "redrive, purge: every letter"),
    option("--undelivered", "What SNS could not deliver to the service, instead of what the service could not handle"),
    option("--json", "list, show: print JSON; show prints one object per line"),
    option("--stack", "show: with the error's stack"),
    option("--dry-run", "redrive: show what would be sent back, and change nothing"),
    option("--rate <per second>", "redrive: send at most this many a second (default: no limit)"),
    option("--data <json>", "edit: the event's new data (default: edit it in $EDITOR)"),
    option(
      "--file <path>",
      "edit: read the new data from it; export, purge: write the letters to it, as NDJSON; import: read them",
    ),
    option("--from <line>", "import: begin with this line, as a run that was stopped says"),
    option("--redrive", "edit: send the edited event straight back to the service"),
    option("--new-id", "edit: as a new event, if the event has already taken effect"),
    option("--yes", "Do not ask: before a purge, or a change of a stage that keeps data"),
    option("--no-export", "purge: do not write the letters to a file first"),
    ...stageFlags,
  ],
  examples: [
    "fanfare dlq list",
    "fanfare dlq show orders --filter subject=536365 --stack",
    "fanfare dlq redrive orders --all --dry-run",
    "fanfare dlq redrive payments --filter HandlerTimeoutError --rate 20 --stage prod",
    "fanfare dlq redrive ledger --all --undelivered",
    "fanfare dlq edit orders --id 5f0c… --file mended.json --redrive",
    "fanfare dlq export orders --file letters.ndjson",
    "fanfare dlq import orders --file letters.ndjson",
    "fanfare dlq purge orders --filter errorName=InvalidEventError",
  ],
  run: (action, service, options) => runAction("dlq", actions, action, service, options),
};
