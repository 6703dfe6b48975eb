import { DISABLE_ASSET_STAGING_CONTEXT } from "aws-cdk-lib/cx-api";
import { App, Validations } from "aws-cdk-lib/core";
import type { BundledService } from "./add-services.ts";
import { addFanfare } from "./fanfare.ts";
import { yesOrNo } from "./context-values.ts";
import { stageFrom } from "./choose-stage.ts";
import type { Stages } from "./stage.ts";

/** What an app consists of. */
export interface AppParts {
  readonly services: readonly BundledService[];
  readonly stages: Stages;
  /** cdk.json's context, which the CDK's command line overrides. */
  readonly context: Record<string, unknown>;
}

/**
 * Synthesizes the app into a cloud assembly, in CDK_OUTDIR if the CDK sets it, else in `cdk.out` in the working directory.
 * Checks cdk-nag's rules unless the context says `nag=false`, which saves half a second.
 *
 * @throws ConfigurationError when the context or a service is invalid.
 */
export async function synthesize({ services, stages, context }: AppParts): Promise<void> {
  const app = new App({
    context: { ...context, [DISABLE_ASSET_STAGING_CONTEXT]: true },
    outdir: process.env["CDK_OUTDIR"] ?? "cdk.out",
    analyticsReporting: false,
    stackTraces: false,
    treeMetadata: false,
  });
  const asked = (key: string): unknown => app.node.tryGetContext(key);
  if (yesOrNo("nag", asked("nag")) ?? true) {
    const { AwsSolutionsChecks } = await import("cdk-nag");
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  }
  addFanfare(app, stageFrom(stages, asked), services);
  app.synth();
}
