import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** The repository. */
export const root = join(import.meta.dirname, "../..");

/** Runs bin/app.ts, which writes the cloud assembly of a stage of the reference system into a folder. */
export function runApp(context: object, outdir: string): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, CDK_OUTDIR: outdir, CDK_VALIDATION: "false", CDK_CONTEXT_JSON: JSON.stringify(context) };
  return promisify(execFile)(process.execPath, ["bin/app.ts"], { cwd: root, env });
}
