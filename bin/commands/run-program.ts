import { parseArgs } from "node:util";
import type { CAC, Command } from "cac";
import { nearest } from "#lib/ops/nearest.ts";

type Option = Command["options"][number];

/**
 * Runs the command that the arguments name, or shows its help.
 *
 * @param parameters the arguments after `fanfare`
 * @throws Error in one line when there is no such command or option, and what the command throws.
 */
export async function runProgram(program: CAC, parameters: readonly string[]): Promise<void> {
  // cac takes a lone dash for an option without a name.
  const given = parameters.map((parameter) => (parameter === "-" ? "--stdin" : parameter));
  program.parse(["node", "fanfare", ...given], { run: false });
  const { matchedCommand: command, options } = program;
  if (options["help"] || options["version"]) return;
  const known = [...(command?.options ?? []), ...program.globalCommand.options];
  const typed = asTyped(given, known);
  checkRepeats(typed.tokens, known);
  const [name] = typed.positionals;
  if (!command && name !== undefined) throw unknownCommand(program, name);
  checkOptions(command, known, Object.keys(options));
  if (!command) return program.outputHelp();
  command.checkOptionValue();
  command.checkUnusedArgs();
  const positionals = command.args.map(({ variadic }, index) =>
    variadic ? typed.positionals.slice(index + 1) : typed.positionals[index + 1],
  );
  await command.commandAction?.(...positionals, typed.values);
}

function unknownCommand(program: CAC, name: string): Error {
  const [best] = nearest(
    name,
    program.commands.map((command) => command.name),
    1,
  );
  return new Error(`there is no command "${name}"${best ? `, the nearest is "${best}"` : ""}: see \`npx fanfare --help\``);
}

function checkOptions(command: Command | undefined, known: readonly Option[], given: readonly string[]): void {
  const names = known.flatMap((option) => option.names);
  const unknown = given.find((name) => name !== "--" && !names.includes(name));
  if (unknown === undefined) return;
  const called = ["fanfare", ...(command ? [command.name] : [])].join(" ");
  const [best] = nearest(unknown, names, 1);
  const hint = best ? `, the nearest is ${dashed(best)}` : "";
  throw new Error(`${called} has no option ${dashed(unknown)}${hint}: see \`npx ${called} --help\``);
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/** @throws Error for an option that is given twice and means one thing: which of two stages is meant? */
function checkRepeats(tokens: readonly { readonly kind: string; readonly name?: string }[], known: readonly Option[]): void {
  const seen = new Set<string>();
  for (const { kind, name } of tokens) {
    if (kind !== "option" || name === undefined) continue;
    const repeatable = known.find((option) => option.names.includes(name))?.config.type !== undefined;
    if (seen.has(name) && !repeatable) throw new Error(`${dashed(name)} is given twice: expected it once`);
    seen.add(name);
  }
}

/** The arguments as typed: cac turns what looks like a number into one, so an order's id 0012 would become 12. */
function asTyped(parameters: readonly string[], known: readonly Option[]) {
  return parseArgs({
    args: [...parameters],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      known.map(({ name, isBoolean, config }) => [
        name,
        { type: isBoolean ? "boolean" : "string", multiple: config.type !== undefined } as const,
      ]),
    ),
  });
}
