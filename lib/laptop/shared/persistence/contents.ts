import { statSync } from "node:fs";
import { join } from "node:path";
import { CloudError } from "../errors.ts";
import { isRecord } from "../json.ts";
import { readKept, writeKept } from "./kept-json.ts";

/** How often a running cloud notes how large its logs are. */
const NOTED_EVERY_MILLISECONDS = 1_000;

/** What SQLite adds to the name of a database for that of its log. */
const LOG = "-wal";

/**
 * A list of what a folder holds, kept in the folder: what is missing at the next start was lost. Of a cloud that has ended it has the
 * files' sizes; of one that runs, those of its logs, which only grow.
 */
export class Contents {
  readonly #folder: string;
  readonly #file: string;
  /** Names of files and folders. */
  readonly #names = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #noted = "";

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, "contents.json");
  }

  add(name: string): void {
    this.#names.add(name);
  }

  /** @throws CloudError where something that the last run has kept is missing, or has lost its end */
  check(): void {
    const kept = readKept(this.#file);
    if (kept === undefined) return;
    if (!isRecord(kept))
      throw new CloudError(`${this.#file} is not a list of what the folder holds. Restore it, or delete it.`);
    for (const [name, bytes] of Object.entries(kept)) {
      this.#refuseLoss(name, typeof bytes === "number" ? bytes : 0);
      if (!name.endsWith(LOG)) this.add(name);
    }
    // The logs end with the first who opens the databases, also where that start fails.
    this.#note(() => undefined);
  }

  /** Notes what a running cloud has, and goes on noting how its logs grow. */
  follow(): void {
    const note = (): void => this.#note((name) => (name.endsWith(LOG) ? this.#size(name) : undefined));
    note();
    this.#timer = setInterval(note, NOTED_EVERY_MILLISECONDS).unref();
  }

  /** The logs are about to end. */
  closing(): void {
    clearInterval(this.#timer);
    this.#note(() => undefined);
  }

  /** Everything is closed. */
  closed(): void {
    this.#note((name) => (name.endsWith(LOG) ? undefined : this.#size(name)));
  }

  #refuseLoss(name: string, bytes: number): void {
    const path = join(this.#folder, name);
    const found = this.#size(name);
    if (found === undefined)
      throw new CloudError(
        `${path} is missing: the last run kept it. Restore it, or delete ${this.#file} to go on without it.`,
      );
    if (found >= bytes) return;
    throw new CloudError(
      `${path} has ${found} bytes and had ${bytes}: its end is lost. ` +
        `Restore it, or delete it and ${this.#file} to go on without what it held.`,
    );
  }

  /** Of files and folders that are there; the size of a folder says nothing. */
  #size(name: string): number | undefined {
    const stats = statSync(join(this.#folder, name), { throwIfNoEntry: false });
    return stats?.isDirectory() ? 0 : stats?.size;
  }

  #note(bytesOf: (name: string) => number | undefined): void {
    const present = [...this.#names].filter((name) => this.#size(name) !== undefined);
    const logs = present.map((name) => `${name}${LOG}`).filter((name) => bytesOf(name) !== undefined);
    const contents = Object.fromEntries([...present, ...logs].map((name) => [name, bytesOf(name) ?? null]));
    const text = JSON.stringify(contents);
    if (text === this.#noted || (this.#noted === "" && present.length === 0)) return;
    try {
      writeKept(this.#file, contents);
      this.#noted = text;
    } catch {
      // The disk is full, or the folder is gone: what was noted before still holds.
    }
  }
}
