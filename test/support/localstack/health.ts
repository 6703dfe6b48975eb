import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { Problem } from "./problem.ts";

const PAUSE = 200;

const health = v.object({ version: v.string() });

/**
 * Waits until LocalStack answers.
 *
 * @param ended fulfilled with a reason when LocalStack has ended by itself
 * @param options.withinSeconds how long to wait
 * @returns its version
 * @throws Problem when it ends, or has not answered in time
 */
export async function waitForHealth(
  endpoint: string,
  ended: Promise<string>,
  { withinSeconds, signal }: { readonly withinSeconds: number; readonly signal: AbortSignal },
): Promise<string> {
  const limit = Date.now() + withinSeconds * 1_000;
  const failure = ended.then((reason) => {
    throw new Problem(`LocalStack ended: ${reason}`);
  });
  while (Date.now() < limit) {
    const version = await askHealth(endpoint);
    if (version !== undefined) return version;
    await Promise.race([delay(PAUSE, undefined, { signal }), failure]);
  }
  throw new Problem(`LocalStack did not answer at ${endpoint} within ${withinSeconds} s`);
}

async function askHealth(endpoint: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${endpoint}/_localstack/health`);
    return v.parse(health, await response.json()).version;
  } catch {
    return undefined;
  }
}
