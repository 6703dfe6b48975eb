import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as v from "valibot";

const PROGRAM = join(import.meta.dirname, "embedded-process.ts");

/** A laptop cloud that a test run has started. */
export interface EmbeddedCloud {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Runs a cloud assembly on a free port, with a payment provider that can misbehave. It has a process of its own, so that the
 * tests' work and the cloud's do not hold each other up, and it ends with the run, however that ends.
 *
 * @throws Error with what the cloud wrote, where it does not start
 */
export async function startEmbedded(assembly: string): Promise<EmbeddedCloud> {
  const child = fork(PROGRAM, [assembly], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-2_000)));
  const ended = once(child, "exit");
  const [message]: unknown[] = await Promise.race([once(child, "message"), ended]);
  const endpoint = v.safeParse(v.pipe(v.string(), v.url()), message);
  if (!endpoint.success) throw new Error(`the embedded cloud did not start: ${stderr.trim()}`);
  return {
    endpoint: endpoint.output,
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
