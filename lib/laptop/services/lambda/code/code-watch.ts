import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { messageOf } from "../../../shared/errors.ts";
import { codeFiles } from "./code-files.ts";

/** Twice this is the longest from a change to its notice. */
const LOOK_EVERY_MILLISECONDS = 200;

/** Whom a watch tells. */
export interface CodeWatchOwner {
  /** Called once per change of content, after two looks have seen the same, so that nobody loads a half-written file. */
  onChange(): void;
  /** Given one line where changes may go unnoticed, once for each reason. */
  onTrouble(why: string): void;
}

/**
 * Tells when the content of a folder has changed. It looks instead of subscribing: file events differ between platforms
 * and end where a build replaces the folder, and a look at a bundle's one or two files costs nothing.
 *
 * @returns what ends the watch
 */
export function watchCode(directory: string, owner: CodeWatchOwner): () => void {
  const folder = new WatchedFolder(directory, (why) => owner.onTrouble(why));
  let content = folder.content();
  let seen = folder.stamp();
  let moving = false;
  const timer = setInterval(() => {
    const stamp = folder.stamp();
    if (stamp !== seen) {
      seen = stamp;
      moving = true;
    } else if (moving) {
      moving = false;
      const now = folder.content();
      if (now === content || now === undefined) return;
      content = now;
      owner.onChange();
    }
  }, LOOK_EVERY_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

class WatchedFolder {
  readonly #directory: string;
  readonly #onTrouble: (why: string) => void;
  readonly #told = new Set<string>();

  constructor(directory: string, onTrouble: (why: string) => void) {
    this.#directory = directory;
    this.#onTrouble = onTrouble;
  }

  /** Names, sizes and times of the files: enough to see that something happened. Absent while a build has the folder away. */
  stamp(): string | undefined {
    return this.#look(({ path, stamp }) => `${path} ${stamp}`);
  }

  content(): string | undefined {
    return this.#look(({ path }) => `${path} ${this.#hashOf(path)}`);
  }

  #look(describe: (file: { readonly path: string; readonly stamp: string }) => string): string | undefined {
    try {
      return codeFiles(this.#directory).map(describe).join("\n");
    } catch (error) {
      if (!isGone(error)) this.#tell(`changes of its code are not noticed: ${messageOf(error)}`);
      return undefined;
    }
  }

  #hashOf(path: string): string {
    try {
      return createHash("sha256").update(readFileSync(path)).digest("hex");
    } catch (error) {
      if (isGone(error)) throw error;
      this.#tell(`changes of ${path} are not noticed: ${messageOf(error)}`);
      return "unread";
    }
  }

  #tell(why: string): void {
    if (this.#told.has(why)) return;
    this.#told.add(why);
    this.#onTrouble(why);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
