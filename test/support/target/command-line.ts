import { execFile } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../../bin/root.ts";
import { workerTarget } from "./worker-target.ts";

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `fanfare` against the target to its end, with nobody at the terminal.
 *
 * @param folder where it runs, and leaves its files
 */
export function fanfare(parameters: readonly string[], folder: string): Promise<Ended> {
  const { endpoint, stage } = workerTarget();
  const where = endpoint === undefined ? ["--stage", stage] : ["--endpoint", endpoint];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, "bin/fanfare.ts"), ...parameters, ...where],
      { cwd: folder, env: { ...process.env, NO_COLOR: "1" } },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
