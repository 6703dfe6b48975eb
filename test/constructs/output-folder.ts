import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the tests of constructs write their assemblies and bundles. */
    readonly outputFolder: string;
  }
}

/** Vitest's global setup: a folder for the run, which goes with it. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-constructs-"));
  project.provide("outputFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
