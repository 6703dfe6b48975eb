import { context } from "esbuild";
import { bundleOptions, describeBuildFailure, isBuildFailure, writeBundles } from "#lib/constructs/function/bundle.ts";
import { digestOf, ROOT } from "./assembly.ts";

/** What a function's bundle is made of. */
const CODE = ["events", "functions", "lib/contracts", "lib/runtime"];

/** What decides what is deployed: a change shows after a restart only. */
const INFRASTRUCTURE = ["bin/app.ts", "cdk.json", "lib/constructs", "lib/stacks"];

/** A look at the sources costs a millisecond. File events would cost none, but are lost on Linux where an editor replaces a file. */
const LOOK_EVERY_MILLISECONDS = 250;

/**
 * Bundles the functions again whenever their sources change; the laptop cloud sees the new bundles and swaps the code.
 *
 * @param names the services' folders in `functions/`
 * @param say takes one line for the person at the terminal
 * @returns what stops it
 */
export function rebuildOnChange(names: readonly string[], say: (line: string) => void): () => Promise<void> {
  let esbuild: ReturnType<typeof prepare> | undefined;
  let building: Promise<void> | undefined;
  let code = digestOf(CODE);
  const deployed = [...INFRASTRUCTURE, ...names.map((name) => `functions/${name}/service.ts`)];
  let infrastructure = digestOf(deployed);

  const rebuild = async (): Promise<void> => {
    try {
      // Kept from the first change on: it remembers what it has parsed, and builds the next time in a tenth of the time.
      esbuild ??= prepare(names);
      const { outputFiles } = await (await esbuild).rebuild();
      await writeBundles(outputFiles);
    } catch (error) {
      const reason = isBuildFailure(error) ? describeBuildFailure(error) : String(error);
      say(`not swapped, the old code goes on: ${reason}`);
    }
  };
  const look = (): void => {
    if (building) return;
    const codeNow = digestOf(CODE);
    if (codeNow !== code) {
      code = codeNow;
      building = rebuild().finally(() => (building = undefined));
    }
    const infrastructureNow = digestOf(deployed);
    if (infrastructureNow !== infrastructure) {
      infrastructure = infrastructureNow;
      say("what is deployed has changed (a service.ts, a construct, a stack or the app): restart to apply it");
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MILLISECONDS);
  return async () => {
    clearInterval(timer);
    await building;
    await (await esbuild)?.dispose();
  };
}

function prepare(names: readonly string[]) {
  return context(bundleOptions(names, ROOT));
}
