import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";

/** A place in a function's bundle: URL, line and column. */
const PLACE = /(file:\/\/[^\s()?:]+\/index\.mjs)(?:\?[^\s():]*)?:(\d+):(\d+)/g;

/** What leads from the bundle's folder up to the project's root. */
const UPWARDS = /^(?:\.\.\/)+/;

const maps = new Map<string, SourceMap | undefined>();

/**
 * An error's stack, with places in the source files where it names places in the bundle. The source map is read when the first error
 * is shown: `node --enable-source-maps` would read it in every cold start (docs/decisions/source-maps.md).
 */
export function sourceStack({ stack }: Error): string | undefined {
  return stack?.replaceAll(PLACE, (place, url: string, line: string, column: string) => {
    const origin = mapOf(url)?.findOrigin(Number(line), Number(column));
    if (!origin || !("fileName" in origin)) return place;
    return `${origin.fileName.replace(UPWARDS, "")}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) maps.set(url, readMap(url));
  return maps.get(url);
}

/** The map that lies beside the bundle; undefined where there is none. */
function readMap(url: string): SourceMap | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by esbuild, in the same deployment package
    return new SourceMap(JSON.parse(readFileSync(new URL(`${url}.map`), "utf8")) as SourceMapPayload);
  } catch {
    return undefined;
  }
}
