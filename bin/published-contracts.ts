import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the contracts, relative to the project's. */
const CONTRACTS = "docs/contracts";

/**
 * The published contracts, by event type: those of the last commit, so that an uncommitted event may still change freely.
 * Without git (an unpacked archive), those in the folder.
 *
 * @param root the project's folder
 * @returns the text of each file
 */
export function publishedContracts(root: string): Map<string, string> {
  const committed = git(root, "ls-tree", "--name-only", "HEAD", `${CONTRACTS}/`);
  if (committed === undefined) return contractFiles(root);
  const files = committed.split("\n").filter((file) => file.endsWith(".json"));
  return new Map(files.map((file) => [eventType(file), git(root, "show", `HEAD:./${file}`) ?? ""]));
}

/** The contracts in the folder, committed or not, by event type. */
export function contractFiles(root: string): Map<string, string> {
  const folder = join(root, CONTRACTS);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  return new Map(files.map((file) => [eventType(file), readFileSync(join(folder, file), "utf8")]));
}

/** The file of an event's contract, relative to the project's folder. */
export function contractFile(type: string): string {
  return `${CONTRACTS}/${type}.json`;
}

function eventType(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1, -".json".length);
}

function git(root: string, ...parameters: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", parameters, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout : undefined;
}
