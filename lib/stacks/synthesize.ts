import { DISABLE_ASSET_STAGING_CONTEXT } from "aws-cdk-lib/cx-api";
import { App, Validations } from "aws-cdk-lib/core";
import { addFanfare, type BundledService } from "./fanfare.ts";
import { stageFrom, yesOrNo } from "./stage.ts";

/**
 * Synthesizes the app into a cloud assembly: where the CDK says (CDK_OUTDIR), else `cdk.out` in the working directory.
 * The rules of cdk-nag are checked unless the context says `nag=false`, which saves half a second.
 *
 * @param context what stands in cdk.json; the CDK's command line goes over it
 * @throws ConfigurationError when the context or a service asks for what there is not.
 */
export async function synthesize(services: readonly BundledService[], context: Record<string, unknown>): Promise<void> {
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
  addFanfare(app, stageFrom(asked), services);
  app.synth();
}
