import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Problem } from "./problem.ts";

/** Last lines of output that an error shows. */
const LAST_LINES = 15;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where all of the output goes. */
  readonly log: string;
  /** Called with each line of output. */
  readonly onLine?: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs a command to its end.
 *
 * @throws Problem with the last lines of its output, when it fails; the signal's reason, when that ended it
 */
export async function runCommand(command: string, parameters: readonly string[], options: CommandOptions): Promise<void> {
  const { log, onLine, signal, ...where } = options;
  signal.throwIfAborted();
  const output = createWriteStream(log);
  const child = spawn(command, parameters, { ...where, stdio: ["ignore", "pipe", "pipe"], signal });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      output.write(`${line}\n`);
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      onLine?.(line);
    });
  }
  try {
    const [code]: unknown[] = await once(child, "close");
    if (code !== 0) throw new Problem(`${command} ${parameters.join(" ")} failed (all of it: ${log}):\n${last.join("\n")}`);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    output.end();
  }
}
