import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../command.ts";
import { FOLDER } from "../folder.ts";
import { findPython } from "./python.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");
const ENVIRONMENT = join(FOLDER, "venv");

/** What was installed there, written when all of it was. */
const STAMP = join(ENVIRONMENT, "installed.txt");

/** Milliseconds between two lines that tell how far it is. */
const PROGRESS_EVERY = 5_000;

/**
 * Installs LocalStack from PyPI into a virtual environment, unless the same is there already.
 *
 * @returns the environment's Python
 * @throws Problem where there is no fitting Python, or a package cannot be had
 */
export async function installLocalStack(say: (line: string) => void, signal: AbortSignal): Promise<string> {
  const python = join(ENVIRONMENT, "bin", "python");
  const requirements = await readFile(REQUIREMENTS, "utf8");
  if ((await readFile(STAMP, "utf8").catch(() => "")) === requirements) {
    say("installed before");
    return python;
  }
  await rm(ENVIRONMENT, { recursive: true, force: true });
  const log = join(FOLDER, "install.log");
  await runCommand(await findPython(), ["-m", "venv", ENVIRONMENT], { log, signal });
  // All packages are named, each in its version: there is nothing to resolve.
  await runCommand(python, ["-m", "pip", "install", "--no-deps", "--requirement", REQUIREMENTS], {
    log,
    signal,
    onLine: progress(requirements.match(/^[^#\n]/gm)?.length ?? 0, say),
  });
  await writeFile(STAMP, requirements);
  return python;
}

function progress(packages: number, say: (line: string) => void): (line: string) => void {
  let collected = 0;
  let said = Date.now();
  return (line) => {
    if (line.startsWith("Collecting ")) collected++;
    if (line.startsWith("Installing ")) say("all packages are here; unpacking them takes minutes");
    if (Date.now() - said < PROGRESS_EVERY) return;
    said = Date.now();
    say(`${collected} of ${packages} packages`);
  };
}
