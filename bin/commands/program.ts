import { type CAC, cac } from "cac";
import manifest from "../../package.json" with { type: "json" };
import { chaosCommand } from "./chaos/command.ts";
import { type CommandDescription, nameIn } from "./command.ts";
import { deadLettersCommand } from "./dead-letters/command.ts";
import { demoCommand } from "./demo/command.ts";
import { publishCommand } from "./publish/command.ts";
import { startCommand } from "./start/command.ts";
import { statusCommand } from "./status/command.ts";
import { tailCommand } from "./tail/command.ts";
import { traceCommand } from "./trace/command.ts";

/** In the order of the help page. */
const COMMANDS = [
  startCommand,
  publishCommand,
  statusCommand,
  tailCommand,
  traceCommand,
  deadLettersCommand,
  chaosCommand,
  demoCommand,
];

/** The commands with their options, as `fanfare --help` shows them. */
export function createProgram(): CAC {
  const program = cac("fanfare");
  for (const command of COMMANDS) addCommand(program, command);
  program.option("--debug", "Show where an error comes from");
  program.version(manifest.version);
  program.help((sections) => helpPage(program, sections));
  return program;
}

function addCommand(program: CAC, { name, description, actions, options, examples, run }: CommandDescription): void {
  const command = program.command(name, description);
  if (actions) {
    const width = Math.max(...actions.map(({ usage }) => usage.length)) + 3;
    command.usage(
      actions.map((action) => `${nameIn(name)} ${action.usage.padEnd(width)}${action.description}`).join("\n  $ fanfare "),
    );
  }
  for (const { flags, description: what, repeatable } of options) {
    command.option(flags, what, repeatable ? { type: [String] } : undefined);
  }
  for (const example of examples) command.example(`  $ ${example}`);
  command.action(run);
}

type Sections = { title?: string; body: string }[];

/** cac's help page, with the command's description on top and without its list of further help calls. */
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
