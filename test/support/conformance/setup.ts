import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { digestOf } from "../../../bin/assembly.ts";
import { ROOT } from "../../../bin/root.ts";
import { startEmbedded } from "../target/embedded.ts";
import { targetFrom } from "../target/target.ts";
import { APP, assemblyOf } from "./app-command.ts";

/** Vitest's global setup: on the target embedded, runs the conformance app; elsewhere it has been deployed before (app/app.ts). */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const target = targetFrom(process.env);
  if (target.name !== "embedded") {
    project.provide("target", target);
    return undefined;
  }
  await ensureAssemblies();
  const cloud = await startEmbedded(assemblyOf(1));
  project.provide("target", { ...target, endpoint: cloud.endpoint });
  return () => cloud.stop();
}

/** Synthesizes both generations of the app, unless nothing has changed since the last time. */
async function ensureAssemblies(): Promise<void> {
  const stamp = join(assemblyOf(1), "..", "stamp");
  const digest = digestOf(["test/conformance/app", "package-lock.json"]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  await Promise.all([1, 2].map((generation) => synthesize(generation)));
  writeFileSync(stamp, digest);
}

async function synthesize(generation: number): Promise<void> {
  const outdir = assemblyOf(generation);
  mkdirSync(outdir, { recursive: true });
  await promisify(execFile)(process.execPath, [APP], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDK_OUTDIR: outdir,
      CDK_VALIDATION: "false",
      CDK_CONTEXT_JSON: JSON.stringify({ generation, visibility: 5 }),
      // Templates that name no account or region run anywhere.
      CDK_DEFAULT_ACCOUNT: "",
      CDK_DEFAULT_REGION: "",
    },
  });
}
