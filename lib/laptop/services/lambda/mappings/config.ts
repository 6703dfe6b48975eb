import type { Filters } from "./filter-criteria.ts";

/** An event source mapping as the template describes it, with its queue's visibility timeout. */
export interface MappingConfig {
  readonly functionName: string;
  /** 1 to 10; up to 10,000 on a standard queue with a window. */
  readonly batchSize: number;
  /** 0 to 300; 0 on a FIFO queue. */
  readonly windowSeconds: number;
  /** 2 to 1,000. */
  readonly maximumConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
  /** What a message must match; one that does not is deleted. @default - all are handed over */
  readonly filters?: Filters;
  readonly visibilityTimeoutSeconds: number;
}

/**
 * Refuses what Lambda refuses. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 *
 * @throws RangeError in one line
 */
export function checkMapping(config: MappingConfig, fifo: boolean): void {
  const { functionName, batchSize, windowSeconds, maximumConcurrency } = config;
  const refuse = (setting: string, value: number, expected: string): never => {
    throw new RangeError(`event source mapping of ${functionName}: ${setting} is ${value}, expected ${expected}`);
  };
  const most = fifo ? 10 : 10_000;
  if (!isWhole(batchSize, 1, most)) refuse("BatchSize", batchSize, `1 to ${most} on a ${fifo ? "FIFO" : "standard"} queue`);
  if (fifo && windowSeconds !== 0) refuse("MaximumBatchingWindowInSeconds", windowSeconds, "0 on a FIFO queue");
  if (!isWhole(windowSeconds, 0, 300)) refuse("MaximumBatchingWindowInSeconds", windowSeconds, "0 to 300");
  if (batchSize > 10 && windowSeconds === 0) {
    refuse("MaximumBatchingWindowInSeconds", windowSeconds, `at least 1 with a BatchSize over 10 (here ${batchSize})`);
  }
  if (maximumConcurrency !== undefined && !isWhole(maximumConcurrency, 2, 1_000)) {
    refuse("MaximumConcurrency", maximumConcurrency, "2 to 1000");
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
