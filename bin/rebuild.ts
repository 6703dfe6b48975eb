import { watch } from "node:fs";
import { join, sep } from "node:path";
import { context } from "esbuild";
import { bundleOptions, describeBuildFailure, isBuildFailure, writeBundles } from "../lib/constructs/bundle.ts";
import { ROOT } from "./assembly.ts";

/** What a function's bundle is made of. */
const CODE = ["events", "functions", join("lib", "contracts"), join("lib", "runtime")];

/** What decides what is deployed: a change shows after a restart only. */
const INFRASTRUCTURE = [join("bin", "app.ts"), join("lib", "constructs"), join("lib", "stacks")];

/** Milliseconds of quiet after a change: editors write a file in several steps. */
const QUIET_MILLISECONDS = 30;

/**
 * Bundles the functions again whenever their sources change; the laptop cloud sees the new bundles and swaps the code.
 *
 * @param names the services' folders in `functions/`
 * @param say takes one line for the person at the terminal
 * @returns what stops the watching
 */
export function rebuildOnChange(names: readonly string[], say: (line: string) => void): () => Promise<void> {
  let esbuild: ReturnType<typeof prepare> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const rebuild = async (): Promise<void> => {
    try {
      // Kept from the first change on: it remembers what it has parsed, and builds the next time in a tenth of the time.
      esbuild ??= prepare(names);
      const { outputFiles } = await (await esbuild).rebuild();
      await writeBundles(outputFiles);
    } catch (error) {
      say(`not swapped, the old code goes on: ${isBuildFailure(error) ? describeBuildFailure(error) : String(error)}`);
    }
  };
  const watchers = [
    ...CODE.map((folder) =>
      watch(join(ROOT, folder), { recursive: true }, (_event, file) => {
        if (file?.endsWith(`${sep}service.ts`)) say(`${join(folder, file)} changed what is deployed: restart to apply it`);
        clearTimeout(timer);
        timer = setTimeout(() => void rebuild(), QUIET_MILLISECONDS);
      }),
    ),
    ...INFRASTRUCTURE.map((path) =>
      watch(join(ROOT, path), { recursive: true }, () => say(`${path} changed what is deployed: restart to apply it`)),
    ),
  ];
  return async () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    await (await esbuild)?.dispose();
  };
}

function prepare(names: readonly string[]) {
  return context(bundleOptions(names, ROOT));
}
