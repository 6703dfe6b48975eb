import type { Workload } from "./workload.ts";

export interface FunctionStatus {
  readonly name: string;
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  /** Invocations running now. */
  readonly running: number;
  readonly lastError?: string;
  /** Where it can be called by plain HTTP. */
  readonly urls?: readonly string[];
  /** Names of the queues that it drains. */
  readonly drains: readonly string[];
}

export function functionStatus({ functions, drained }: Workload): FunctionStatus[] {
  return [...functions.values()].map(({ config, sandbox, urls }) => ({
    name: config.name,
    running: sandbox.running,
    ...sandbox.stats,
    drains: drained.filter(({ functionName }) => functionName === config.name).map(({ queue }) => queue.name),
    ...(urls.length > 0 && { urls }),
  }));
}
