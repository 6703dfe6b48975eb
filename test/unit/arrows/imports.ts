import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";

/** One file that imports another, both by their paths from the root; a package by its name. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** Types alone: nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

/** Every way to name a module: import, export … from, import(), require() and new URL(…, import.meta.url). */
const SPECIFIER =
  /(?:^|[\s;])(?:(import|export)\s+(type\s)?(?:[^"'`;()]*?\sfrom\s*)?|(?:import|require)\s*\(\s*|new URL\(\s*)["']([^"'\n]+)["']/gm;

/** Packages that stand for the CDK. */
const CDK = /^(aws-cdk-lib|constructs|cdk-nag)(\/|$)/;

/** What a file imports of this repository, and of the CDK. `source` is its text. */
export function importsOf(from: string, source: string): Import[] {
  return [...source.matchAll(SPECIFIER)].flatMap(([, , type, specifier = ""]) => {
    const to = target(from, specifier);
    return to === undefined ? [] : [{ from, to, typeOnly: type !== undefined }];
  });
}

/** {@link importsOf} for files below `root`. */
export function readImports(root: string, files: readonly string[]): Import[] {
  return files.flatMap((file) => importsOf(file, readFileSync(join(root, file), "utf8")));
}

function target(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return join(dirname(from), specifier);
  if (specifier === "#events") return "events/index.ts";
  if (specifier.startsWith("#lib/")) return specifier.slice(1);
  return CDK.test(specifier) ? "aws-cdk-lib" : undefined;
}
