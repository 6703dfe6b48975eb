import type { TestProject } from "vitest/node";
import { ensureAssembly } from "../../../bin/assembly.ts";
import { findStage } from "./find-stage.ts";
import { type Target, targetFrom } from "./target.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What the tests of a deployed app talk to. */
    readonly target: Target;
  }
}

/** Vitest's global setup: finds the target that the environment names, or makes what the embedded clouds run. */
export async function setup(project: TestProject): Promise<void> {
  const target = targetFrom(process.env);
  project.provide("target", target);
  if (target.name === "embedded") await ensureAssembly();
  else await findStage(target);
}
