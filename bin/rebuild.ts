import { context } from "esbuild";
import {
  bundleOptions,
  describeBuildFailure,
  isBuildFailure,
  relayOptions,
  writeBundles,
} from "#lib/constructs/function/bundle.ts";
import { digestOf } from "./assembly.ts";
import { ROOT } from "./root.ts";

/** The sources of functions' bundles. */
const CODE = ["events", "functions", "lib/contracts", "lib/runtime"];

/** The sources of the templates: a change only takes effect after a restart. */
const INFRASTRUCTURE = ["bin/app.ts", "cdk.json", "lib/constructs", "lib/stacks"];

/** Polling the sources costs a millisecond. File events would cost none, but on Linux they are lost when an editor replaces a file. */
const POLL_MILLISECONDS = 250;

/**
 * Rebuilds the bundles of the functions and of the relay whenever their sources change; the laptop cloud notices and reloads the code.
 *
 * @param names the services' folders in `functions/`
 * @param say prints one line to the terminal
 * @returns a function that stops it
 */
export function rebuildOnChange(names: readonly string[], say: (line: string) => void): () => Promise<void> {
  let esbuild: ReturnType<typeof prepare> | undefined;
  let building: Promise<void> | undefined;
  let code = digestOf(CODE);
  const deployed = [...INFRASTRUCTURE, ...names.map((name) => `functions/${name}/service.ts`)];
  let infrastructure = digestOf(deployed);

  const rebuild = async (): Promise<void> => {
    try {
      // Kept from the first change on: esbuild caches what it has parsed, and the next build takes a tenth of the time.
      esbuild ??= prepare(names);
      const built = await Promise.all((await esbuild).map((context) => context.rebuild()));
      await Promise.all(built.map(({ outputFiles }) => writeBundles(outputFiles)));
    } catch (error) {
      const reason = isBuildFailure(error) ? describeBuildFailure(error) : String(error);
      say(`not reloaded, the old code keeps running: ${reason}`);
    }
  };
  const poll = (): void => {
    if (building) return;
    const codeNow = digestOf(CODE);
    if (codeNow !== code) {
      code = codeNow;
      building = rebuild().finally(() => (building = undefined));
    }
    const infrastructureNow = digestOf(deployed);
    if (infrastructureNow !== infrastructure) {
      infrastructure = infrastructureNow;
      say("the deployment has changed (a service.ts, a construct, a stack or the app): restart to apply it");
    }
  };
  const timer = setInterval(poll, POLL_MILLISECONDS);
  return async () => {
    clearInterval(timer);
    await building;
    await Promise.all(((await esbuild) ?? []).map((context) => context.dispose()));
  };
}

function prepare(names: readonly string[]) {
  return Promise.all([context(bundleOptions(names, ROOT)), context(relayOptions(ROOT))]);
}
