import { type Action, type CommandDescription, option, runAction } from "../command.ts";
import { laptopFlags } from "../target-flags.ts";

const actions: readonly Action[] = [
  {
    usage: "list",
    description: "The active rules, and how often each has made a call fail",
    run: async (_, options) => (await import("./chaos.ts")).listRules(options),
  },
  {
    usage: "add <fault>",
    description: "Add a rule: throttle, conflict, latency, duplicate or lost-answer",
    run: async (fault, options) => (await import("./chaos.ts")).addRule(fault, options),
  },
  {
    usage: "clear [id]",
    description: "Remove one rule, or all",
    run: async (id, options) => (await import("./chaos.ts")).clearRules(id, options),
  },
];

export const chaosCommand: CommandDescription = {
  name: "chaos <action> [what]",
  description: "Make AWS calls fail on the laptop cloud, to see how a service copes.",
  actions,
  options: [
    option("--rate <share>", "add: the share of calls: 0.2 or 20% (default: 20%)"),
    option("--api <name>", "add: only calls of dynamodb, sns, sqs, ses, ssm, lambda or s3"),
    option("--operation <name>", "add: only this operation, such as TransactWriteItems"),
    option("--resource <name>", "add: only calls about this table, queue or topic"),
    option("--milliseconds <number>", "add latency: how long a call is delayed"),
    option("--seed <number>", "add: choose the same calls again, counted from the first"),
    option("--json", "list: print JSON"),
    ...laptopFlags,
  ],
  examples: [
    "fanfare chaos add throttle --api dynamodb --resource fanfare-dev-payments --rate 20%",
    "fanfare chaos add latency --milliseconds 800 --api ses",
    "fanfare chaos add duplicate --resource fanfare-dev-orders --rate 1",
    "fanfare chaos list",
    "fanfare chaos clear",
  ],
  run: (action, what, options) => runAction("chaos", actions, action, what, options),
};
