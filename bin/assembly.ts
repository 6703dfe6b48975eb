import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CloudError } from "#lib/laptop/index.ts";
import { claimPersistFolder, type PersistFolder } from "#lib/laptop/index.ts";
import { ASSEMBLY, ROOT } from "./root.ts";

/** The hash of the sources of the assembly. */
const STAMP = join(ROOT, ".fanfare", "assembly.sha256");

/** How long to wait for another process to make the assembly, and how often to check, in milliseconds. */
const MAKING = { longest: 60_000, pause: 50 };

/** The app's sources: a change in one of these can change the assembly. */
const SOURCES = [
  "bin",
  "events",
  "functions",
  "lib/constructs",
  "lib/contracts",
  "lib/runtime",
  "lib/stacks",
  "cdk.json",
  "package-lock.json",
];

/** The app could not be synthesized; the message is the app's own. */
export class SynthesisError extends Error {
  override readonly name = "SynthesisError";
}

/**
 * Bundles and synthesizes the app of stage dev, unless nothing has changed since the last time.
 *
 * @returns whether it had to be made
 * @throws SynthesisError with the app's message when it does not build; CloudError when another process takes too long to make it
 */
export async function ensureAssembly(): Promise<boolean> {
  if (isUpToDate()) return false;
  // Two test runs may start at once, and neither may read what the other has half written.
  const claimed = await claimMaking();
  try {
    if (isUpToDate()) return false;
    const digest = digestOf(SOURCES);
    await synthesize();
    writeFileSync(STAMP, digest);
    return true;
  } finally {
    claimed.release();
  }
}

function isUpToDate(): boolean {
  return existsSync(join(ASSEMBLY, "manifest.json")) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === digestOf(SOURCES);
}

/** @throws CloudError when another process holds it for too long */
async function claimMaking(): Promise<PersistFolder> {
  const deadline = performance.now() + MAKING.longest;
  for (;;) {
    try {
      return claimPersistFolder(join(ROOT, ".fanfare"));
    } catch (error) {
      if (!(error instanceof CloudError) || performance.now() > deadline) throw error;
      await setTimeout(MAKING.pause);
    }
  }
}

/** Runs the CDK in its own process, to free its hundred megabytes afterwards. cdk-nag only runs in CI. */
async function synthesize(): Promise<void> {
  const env = {
    ...process.env,
    CDK_OUTDIR: ASSEMBLY,
    CDK_VALIDATION: "false",
    CDK_CONTEXT_JSON: JSON.stringify({ stage: "dev", nag: false }),
    // Templates that name no account or region run anywhere, including on the laptop.
    CDK_DEFAULT_ACCOUNT: "",
    CDK_DEFAULT_REGION: "",
  };
  await new Promise<void>((resolve, reject) => {
    const child = execFile(process.execPath, [join(ROOT, "bin", "app.ts")], { cwd: ROOT, env }, (error, stdout, stderr) => {
      process.off("exit", kill);
      if (error) reject(new SynthesisError((stderr || stdout || error.message).trim()));
      else resolve();
    });
    const kill = () => child.kill();
    process.once("exit", kill);
  });
}

/** A hash of the names, sizes and modification times of files, and of all files in folders, by their paths from the root. */
export function digestOf(sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of sources.flatMap(filesOf)) {
    // A file that an editor is replacing is missing for a moment.
    const stats = statSync(file, { throwIfNoEntry: false });
    hash.update(`${file}\0${stats?.size}\0${stats?.mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function filesOf(source: string): string[] {
  const path = join(ROOT, source);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
