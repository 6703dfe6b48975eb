import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { unzipSync } from "fflate";

/** Unpacks a zip file into a folder. @throws Error where it is no zip file, or names a place outside of the folder. */
export function unzip(file: string, folder: string): void {
  for (const [name, content] of Object.entries(unzipSync(readFileSync(file)))) {
    const path = join(folder, name);
    if (relative(folder, path).startsWith("..")) throw new Error(`it holds ${name}, which lies outside of it`);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) writeFileSync(path, content);
  }
}
