import type { Filters } from "./filter-criteria.ts";

/** An event source mapping of a table's stream as the template describes it. */
export interface StreamMappingConfig {
  readonly functionName: string;
  readonly streamArn: string;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** 0 to 300. */
  readonly windowSeconds: number;
  readonly reportBatchItemFailures: boolean;
  /** Whether a batch that fails is tried again in two halves. */
  readonly bisectOnError: boolean;
  /** -1: for as long as a record is kept. */
  readonly maximumRetries: number;
  /** -1: for as long as a record is kept. */
  readonly maximumAgeSeconds: number;
  readonly filters: Filters;
  /** The ARN of the queue, topic or function that is told of batches that are given up. */
  readonly onFailure?: string;
}

/**
 * Refuses what Lambda refuses. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 *
 * @throws RangeError in one line
 */
export function checkStreamMapping(config: StreamMappingConfig): void {
  const check = (setting: string, value: number, least: number, most: number): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new RangeError(
      `event source mapping of ${config.functionName}: ${setting} is ${value}, expected ${least} to ${most}`,
    );
  };
  check("BatchSize", config.batchSize, 1, 10_000);
  check("MaximumBatchingWindowInSeconds", config.windowSeconds, 0, 300);
  check("MaximumRetryAttempts", config.maximumRetries, -1, 10_000);
  check("MaximumRecordAgeInSeconds", config.maximumAgeSeconds, -1, 604_800);
}
