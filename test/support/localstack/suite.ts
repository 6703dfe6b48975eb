import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../../../bin/root.ts";
import { environmentFor } from "./deploy.ts";

const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");

/** The projects of vitest.config.ts that talk to a deployed app, and do not know where it is. */
const PROJECTS = ["--project", "shop", "--project", "conformance"];

/**
 * Runs the tests of deployed apps against LocalStack, with their output on this process's.
 *
 * @param parameters vitest's own: files and options
 * @returns whether all of them passed
 */
export async function runSuite(endpoint: string, parameters: readonly string[], signal: AbortSignal): Promise<boolean> {
  const child = spawn(process.execPath, [VITEST, "run", ...PROJECTS, ...parameters], {
    cwd: ROOT,
    env: { ...environmentFor(endpoint), FANFARE_TARGET: "localstack", FANFARE_STAGE: "dev" },
    stdio: ["ignore", "inherit", "inherit"],
    signal,
  });
  const [code]: unknown[] = await once(child, "exit");
  return code === 0;
}
