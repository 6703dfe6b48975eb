import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { unzipSync } from "fflate";

/** Bytes of a function's code or a layer when it is unpacked: lambda/latest/dg/gettingstarted-limits. */
const LARGEST = 262_144_000;

/** Unpacks a zip file into a folder. @throws Error where it is no zip file, is too large, or names a place outside of the folder. */
export function unzip(file: string, folder: string): void {
  for (const [name, content] of Object.entries(unpacked(readFileSync(file)))) {
    const path = join(folder, name);
    if (relative(folder, path).startsWith("..")) throw new Error(`it holds ${name}, which lies outside of it`);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) writeFileSync(path, content);
  }
}

/** No file of an archive gets larger than the archive says beforehand. */
function unpacked(archive: Buffer): ReturnType<typeof unzipSync> {
  let bytes = 0;
  const filter = ({ originalSize }: { readonly originalSize: number }): boolean => {
    bytes += originalSize;
    if (bytes >= LARGEST) throw new Error(`unzipped size must be smaller than ${LARGEST} bytes, as on Lambda`);
    return true;
  };
  return unzipSync(archive, { filter });
}
