import { type CAC, cac, type Command } from "cac";
import manifest from "../../package.json" with { type: "json" };

/** The commands with their options, as `fanfare --help` shows them. An action takes its arguments, then the options as typed. */
export function createProgram(): CAC {
  const program = cac("fanfare");
  start(program);
  publish(program);
  status(program);
  tail(program);
  dlq(program);
  chaos(program);
  demo(program);
  program.option("--debug", "Show where an error comes from");
  program.version(manifest.version);
  program.help((sections) => helpPage(program, sections));
  return program;
}

type Sections = { title?: string; body: string }[];

/** What cac shows, with the command's own sentence on top, in place of its list of further calls for help. */
function helpPage({ matchedCommand }: CAC, sections: Sections): Sections {
  const shown = sections.slice(1).filter(({ title }) => !title?.startsWith("For more info"));
  const tidy = shown.map(({ title, body }) => ({
    ...(title !== undefined && { title }),
    // cac shows the default of an option like --no-export, which says nothing.
    body: body.replaceAll(/ +$/gm, "").replaceAll("$ fanfare", "$ npx fanfare").replaceAll(" (default: true)", ""),
  }));
  if (matchedCommand) return [{ body: matchedCommand.description }, ...tidy];
  return [
    { body: `Fanfare ${manifest.version}. ${manifest.description}` },
    ...tidy,
    { body: "`npx fanfare <command> --help` shows a command's options, with examples." },
  ];
}

function start(program: CAC): void {
  program
    .command("start [...stacks]", "Run the whole system on this machine: bundle, synthesize, and start the laptop cloud.")
    .option("--port <number>", "Port to listen on, on 127.0.0.1 (default: 4566)")
    .option("--persist", "Keep queues, tables and parameters across restarts, in .fanfare/")
    .option("--dynamodb <endpoint>", "Use this DynamoDB instead of the one that comes with Fanfare")
    .option("--parameter <name=value>", "Set an SSM parameter or a template's parameter; repeatable", { type: [String] })
    .option(
      "--assembly <folder>",
      "Run this cloud assembly instead of synthesizing: any CDK app's cdk.out; all its stacks, or those named",
    )
    .option("--iam <mode>", "What the templates' IAM policies refuse: enforce it, report it, or off (default: enforce)")
    .example("  $ fanfare start --persist")
    .example("  $ fanfare start --assembly ../shop/cdk.out Dev/Orders 'Dev/*Images'")
    .example("  $ fanfare start --port 5000 --parameter /fanfare/dev/payments/PAYMENT_PROVIDER_URL=http://127.0.0.1:9000")
    .action(async (stacks: unknown, options: unknown) => (await import("./start.ts")).start(stacks, options));
}

function publish(program: CAC): void {
  const command = program
    .command("publish [type]", "Publish events of a type: each is checked by its contract, then sent to its topic.")
    .option("--data <json>", "The event's data")
    .option("--file <path>", "Read the data of one event from a .json file, or of one event per line from .ndjson or .jsonl")
    .option("--stdin", "Read the data of one event per line (NDJSON) from standard input; also written -")
    .option("--example", "Publish the example of the event's contract")
    .option("--source <name>", "Who publishes (default: fanfare-cli)")
    .option("--id <id>", "The event's id, for one event (default: a random UUID)")
    .option("--refused <path>", "Write the lines that were not published to this file, with line number and reason")
    .option("--list", "Show the types of events, and publish nothing")
    .example("  $ fanfare publish order.placed.v1 --example")
    .example("  $ tail -f shop.ndjson | npx fanfare publish order.cancelled.v1 -")
    .example("  $ fanfare publish order.placed.v1 --file orders.ndjson --refused refused.ndjson --stage dev")
    .action(async (type: unknown, options: unknown) => (await import("./publish.ts")).publish(type, options));
  withTarget(command);
}

function status(program: CAC): void {
  const command = program
    .command("status", "Show every topic, queue, function and table of a stage, with counts.")
    .option("--watch", "Show it again every second, until Ctrl-C")
    .option("--json", "Print JSON")
    .option("--check", "Exit with code 2 when a dead-letter queue holds something")
    .example("  $ fanfare status --watch")
    .example("  $ fanfare status --stage prod --check --json")
    .action(async (options: unknown) => (await import("./status.ts")).status(options));
  withTarget(command);
}

function tail(program: CAC): void {
  const command = program
    .command("tail", "Follow events and logs, live: what each service did with each event.")
    .option("--since <time>", "Begin this far back: 30s, 5m, 2h, 1d (default: now)")
    .option("--service <name>", "Only this service")
    .option("--event <id or subject>", "Only the story of this event: its id, its correlation id, or its subject")
    .option("--errors", "Only what went wrong: retries, dead letters, warnings, errors")
    .option("--json", "Print one JSON object per line")
    .example("  $ fanfare tail --since 5m --event 536365")
    .example("  $ fanfare tail --stage prod --service payments --errors")
    .action(async (options: unknown) => (await import("./tail.ts")).tail(options));
  withTarget(command);
}

function dlq(program: CAC): void {
  const several = { type: [String] };
  const command = program
    .command("dlq <action> [service]", "Look at what a service could not handle, mend it, and send it back to that service.")
    .usage(
      [
        "dlq list [service]      How many letters there are, how old, and what they died of",
        "dlq show <service>      Each letter with its reason, its attempts and its data",
        "dlq redrive <service>   Send letters back to the service's queue",
        "dlq edit <service>      Give one letter's event other data, checked by its contract",
        "dlq purge <service>     Delete letters: asks first, and writes them to a file",
        "dlq export <service>    Write letters as NDJSON, and leave them where they are",
      ].join("\n  $ fanfare "),
    )
    .option("--id <id>", "Only the letter of this message or event; repeatable", several)
    .option(
      "--filter <text>",
      "Only letters whose type or reason contains it, or field=value; repeatable, all have to match",
      several,
    )
    .option("--all", "redrive, purge: every letter")
    .option("--undelivered", "What SNS could not deliver to the service, instead of what the service could not handle")
    .option("--json", "list, show: print JSON; show prints one object per line")
    .option("--stack", "show: with the error's stack")
    .option("--dry-run", "redrive: tell what would be sent back, and change nothing")
    .option("--rate <per second>", "redrive: send at most so many a second (default: as fast as it goes)")
    .option("--data <json>", "edit: the event's new data (default: edit it in $EDITOR)")
    .option("--file <path>", "edit: read the new data from it; export, purge: write the letters to it, as NDJSON")
    .option("--redrive", "edit: send the edited event straight back to the service")
    .option("--new-id", "edit: as another event, where the event has taken effect already")
    .option("--yes", "purge: do not ask")
    .option("--no-export", "purge: do not write the letters to a file first")
    .example("  $ fanfare dlq list")
    .example("  $ fanfare dlq show orders --filter subject=536365 --stack")
    .example("  $ fanfare dlq redrive orders --all --dry-run")
    .example("  $ fanfare dlq redrive payments --filter HandlerTimeoutError --rate 20 --stage prod")
    .example("  $ fanfare dlq redrive ledger --all --undelivered")
    .example("  $ fanfare dlq edit orders --id 5f0c… --file mended.json --redrive")
    .example("  $ fanfare dlq export orders --file letters.ndjson")
    .example("  $ fanfare dlq purge orders --filter errorName=InvalidEventError")
    .action(async (action: unknown, service: unknown, options: unknown) =>
      (await import("./dlq.ts")).dlq(action, service, options),
    );
  withTarget(command);
}

function chaos(program: CAC): void {
  program
    .command("chaos <action> [what]", "Make AWS calls go wrong on the laptop cloud, to watch how a service takes it.")
    .usage(
      [
        "chaos list          The rules in force, and how often each has made a call go wrong",
        "chaos add <fault>   Set a rule: throttle, conflict, latency, duplicate or lost-answer",
        "chaos clear [id]    Lift one rule, or all",
      ].join("\n  $ fanfare "),
    )
    .option("--rate <share>", "add: how many of the calls: 0.2 or 20% (default: 20%)")
    .option("--api <name>", "add: only calls of dynamodb, sns, sqs, ses, ssm, lambda or s3")
    .option("--operation <name>", "add: only this operation, such as TransactWriteItems")
    .option("--resource <name>", "add: only calls about this table, queue or topic")
    .option("--milliseconds <number>", "add latency: how long a call is held up")
    .option("--seed <number>", "add: pick the same calls again, counted from the first")
    .option("--json", "list: print JSON")
    .option("--port <number>", "Port of the laptop cloud (default: 4566)")
    .option("--endpoint <url>", "Address of the laptop cloud (default: AWS_ENDPOINT_URL, or 127.0.0.1 at the port)")
    .example("  $ fanfare chaos add throttle --api dynamodb --resource fanfare-dev-payments --rate 20%")
    .example("  $ fanfare chaos add latency --milliseconds 800 --api ses")
    .example("  $ fanfare chaos add duplicate --resource fanfare-dev-orders --rate 1")
    .example("  $ fanfare chaos list")
    .example("  $ fanfare chaos clear")
    .action(async (action: unknown, what: unknown, options: unknown) =>
      (await import("./chaos.ts")).chaos(action, what, options),
    );
}

function demo(program: CAC): void {
  program
    .command("demo", "Feed a real shop's 512 invoices through a laptop cloud of their own, and account for every one.")
    .option("--port <number>", "Port of that laptop cloud (default: any that is free)")
    .option("--keep", "Leave it running afterwards, until Ctrl-C, to look around")
    .example("  $ fanfare demo")
    .example("  $ fanfare demo --keep --port 5000")
    .action(async (options: unknown) => (await import("./demo.ts")).demo(options));
}

/** Which stage: of the laptop cloud by default, of AWS by name. */
function withTarget(command: Command): void {
  command
    .option("--stage <dev|prod>", "A stage in AWS, with the environment's credentials and region (default: the laptop cloud)")
    .option("--port <number>", "Port of the laptop cloud (default: 4566)")
    .option("--endpoint <url>", "Address of the laptop cloud (default: AWS_ENDPOINT_URL, or 127.0.0.1 at the port)");
}
