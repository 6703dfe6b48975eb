import type { Environment } from "./environment.ts";

let running: Environment | undefined;

/**
 * The environment whose code runs. One step of the scheduler resumes one environment, and all promises that it settles are
 * followed before the next step: until then, whatever runs is that environment's.
 */
export function runningEnvironment(): Environment {
  if (!running) throw new Error("code of a function runs, and no environment does");
  return running;
}

/** Says whose code runs from now on. */
export function setRunning(environment: Environment): void {
  running = environment;
}
