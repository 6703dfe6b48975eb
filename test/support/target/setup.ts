import type { TestProject } from "vitest/node";
import { ASSEMBLY, ensureAssembly } from "../../../bin/assembly.ts";
import { startEmbedded } from "./embedded.ts";
import { findStage } from "./find-stage.ts";
import { type Target, targetFrom } from "./target.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What the tests of a deployed app talk to. */
    readonly target: Target;
  }
}

/** Vitest's global setup: finds the target that the environment names, or starts the embedded cloud for this run. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const target = targetFrom(process.env);
  if (target.name !== "embedded") {
    await findStage(target);
    project.provide("target", target);
    return undefined;
  }
  await ensureAssembly();
  const cloud = await startEmbedded(ASSEMBLY);
  project.provide("target", { ...target, endpoint: cloud.endpoint });
  return () => cloud.stop();
}
