import { App } from "aws-cdk-lib/core";
import type { CloudOptions, Cloud } from "#lib/laptop/index.ts";
import { runCloud, temporaryFolder } from "../../support/cloud-support.ts";

/**
 * Synthesizes a CDK app as `cdk synth` does, assets and all.
 *
 * @param context of the app, feature flags among it
 * @returns its cloud assembly, which goes with the test
 */
export function synthesizeApp(define: (app: App) => void, context: Record<string, unknown> = {}): string {
  const app = new App({
    context,
    outdir: temporaryFolder(),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  define(app);
  return app.synth().directory;
}

/** Runs a CDK app until the test ends. */
export function runApp(define: (app: App) => void, options: Partial<CloudOptions> = {}): Promise<Cloud> {
  return runCloud({ assembly: synthesizeApp(define), ...options });
}
