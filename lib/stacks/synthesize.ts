import { DISABLE_ASSET_STAGING_CONTEXT } from "aws-cdk-lib/cx-api";
import { App, Validations } from "aws-cdk-lib/core";
import type { BundledService } from "./add-services.ts";
import { addFanfare } from "./fanfare.ts";
import { yesOrNo } from "./context-values.ts";
import { stageFrom } from "./choose-stage.ts";
import type { Stages } from "./stage.ts";
import { readyValidator } from "./template-validator.ts";

/**
 * Opens an app that is synthesized into a cloud assembly, in CDK_OUTDIR if the CDK sets it, else in `cdk.out` in the working directory.
 * Its templates are checked by cdk-nag, unless the context says `nag=false`, and by CloudFormation's rules, unless CDK_VALIDATION is
 * `false`. To make these ready takes most of a second: call it while something else is waited for.
 *
 * @param context cdk.json's context, which the CDK's command line overrides
 * @throws ConfigurationError when the context is invalid
 */
export async function openApp(context: Readonly<Record<string, unknown>>): Promise<App> {
  const outdir = process.env["CDK_OUTDIR"] ?? "cdk.out";
  const app = new App({
    context: { ...context, [DISABLE_ASSET_STAGING_CONTEXT]: true },
    outdir,
    analyticsReporting: false,
    stackTraces: false,
    treeMetadata: false,
  });
  if (yesOrNo("nag", app.node.tryGetContext("nag")) ?? true) {
    const { AwsSolutionsChecks } = await import("cdk-nag");
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  }
  if (process.env["CDK_VALIDATION"] !== "false") Validations.of(app).addPlugins(readyValidator(app, outdir));
  return app;
}

/**
 * Adds services to an app, and synthesizes it.
 *
 * @throws ConfigurationError when the context or a service is invalid.
 */
export function synthesize(app: App, services: readonly BundledService[], stages: Stages): void {
  const stage = stageFrom(stages, (key) => app.node.tryGetContext(key));
  addFanfare(app, stage, services);
  app.synth();
}
