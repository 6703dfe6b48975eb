import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Twice this is the longest from a change to its notice. */
const LOOK_EVERY_MILLISECONDS = 200;

/**
 * Tells when the content of a folder has changed. It looks instead of subscribing: file events differ between platforms
 * and end where a build replaces the folder, and a look at a bundle's one or two files costs nothing.
 *
 * @param onChange called once per change of content, after two looks have seen the same, so that nobody loads a half-written file
 * @returns what ends the watch
 */
export function watchCode(directory: string, onChange: () => void): () => void {
  let content = contentOf(directory);
  let seen = stampOf(directory);
  let moving = false;
  const timer = setInterval(() => {
    const stamp = stampOf(directory);
    if (stamp !== seen) {
      seen = stamp;
      moving = true;
    } else if (moving) {
      moving = false;
      const now = contentOf(directory);
      if (now === content || now === undefined) return;
      content = now;
      onChange();
    }
  }, LOOK_EVERY_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Names, sizes and times of the files: enough to see that something happened. Absent while a build has the folder away. */
function stampOf(directory: string): string | undefined {
  return ofFiles(directory, (file) => {
    const { mtimeMs, size } = statSync(file);
    return `${file} ${mtimeMs} ${size}`;
  });
}

function contentOf(directory: string): string | undefined {
  return ofFiles(directory, (file) => `${file} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`);
}

function ofFiles(directory: string, describe: (file: string) => string): string | undefined {
  try {
    return filesIn(directory).map(describe).join("\n");
  } catch {
    return undefined;
  }
}

/** All but installed packages: they are many, and nobody edits them there. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesIn(path);
    return [path];
  });
}
