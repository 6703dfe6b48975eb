/** A command as the command line shows and runs it. It loads its code only to run, so that help and typos answer at once. */
export interface CommandDescription {
  /** Name and arguments: `publish [type]`. */
  readonly name: string;
  readonly description: string;
  /** For a command of several actions, which its first argument names. @default - `run` is the one action */
  readonly actions?: readonly Action[];
  /** Flags as they are typed, with what they do. */
  readonly options: readonly CommandOption[];
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** Takes the arguments, then the options as typed. */
  readonly run: (...given: readonly unknown[]) => Promise<void>;
}

export interface CommandOption {
  /** `--port <number>`, for example. */
  readonly flags: string;
  readonly description: string;
  readonly repeatable?: boolean;
}

/** What a command does under one name. */
export interface Action {
  /** Name and arguments: `list [service]`. */
  readonly usage: string;
  readonly description: string;
  readonly run: (argument: unknown, options: unknown) => Promise<void>;
}

/** An option of a {@link CommandDescription}. */
export function option(flags: string, description: string, more: Pick<CommandOption, "repeatable"> = {}): CommandOption {
  return { flags, description, ...more };
}

/**
 * Runs one action of a command.
 *
 * @throws Error in one line when there is no such action, and what the action throws.
 */
export async function runAction(
  command: string,
  actions: readonly Action[],
  name: unknown,
  argument: unknown,
  options: unknown,
): Promise<void> {
  const action = actions.find(({ usage }) => nameIn(usage) === name);
  if (!action) {
    const wrong = typeof name === "string" ? `there is no "${command} ${name}"` : "nothing to do given";
    const names = actions.map(({ usage }) => nameIn(usage)).join(", ");
    throw new Error(`${wrong}: expected ${names}: see \`npx fanfare ${command} --help\``);
  }
  await action.run(argument, options);
}

/** The first word of a name with arguments. */
export function nameIn(usage: string): string {
  return usage.split(" ", 1)[0]!;
}
