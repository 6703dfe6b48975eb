/**
 * The CDK app, run by `cdk synth` and `cdk deploy`, or directly (`node bin/app.ts`), which also writes cdk.out.
 * Its context is `stage`, `nag` and the options of lib/stacks/stage.ts: `-c stage=prod` with the CDK,
 * CDK_CONTEXT_JSON='{"stage":"prod"}' without it.
 */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { BundleError, bundleFunctions, bundleRelay } from "#lib/constructs/function/bundle.ts";
import { ConfigurationError } from "#lib/constructs/configuration-error.ts";
import { compileCache } from "#lib/laptop/shared/compile-cache.ts";
import { loadServices } from "#lib/stacks/load-services.ts";
import { stages } from "./stages.ts";
import cdk from "../cdk.json" with { type: "json" };

/** The services, each by its folder in functions/: a new one is added here, and nowhere else. */
const SERVICES = ["orders", "inventory", "payments", "notifications", "ledger"];

const ROOT = join(import.meta.dirname, "..");

const cache = compileCache();
if (cache !== undefined) enableCompileCache(cache);
try {
  // esbuild bundles in its own process while this one loads the CDK and makes its checks ready.
  const bundling = bundleFunctions(SERVICES, ROOT);
  // Its failure is thrown below; until then it is nobody's.
  bundling.catch(() => {});
  const [definitions, { openApp, synthesize }] = await Promise.all([
    loadServices(SERVICES, ROOT),
    import("#lib/stacks/synthesize.ts"),
  ]);
  const app = await openApp(cdk.context);
  const bundles = await bundling;
  const relayBundle = definitions.some(({ takesRequests }) => takesRequests) ? await bundleRelay(ROOT) : undefined;
  const services = definitions.map((definition, index) => ({
    definition,
    bundle: bundles[index]!,
    ...(relayBundle && { relayBundle }),
  }));
  synthesize(app, services, stages);
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof BundleError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
