import { Duration } from "aws-cdk-lib/core";
import { FUNCTION_TIMEOUT_SECONDS, MAPPING_BATCH_RECORDS, MAPPING_CONCURRENCY } from "../../contracts/limits.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { ConfigurationError } from "../configuration-error.ts";

/** The limits of a service's function, with defaults filled in. */
export interface ServiceLimits {
  readonly timeout: Duration;
  readonly batchSize: number;
  readonly maximumConcurrency: number;
}

/**
 * The limits of a service's definition.
 *
 * @throws ConfigurationError when one is outside AWS's limits.
 */
export function serviceLimits(definition: ServiceDefinition): ServiceLimits {
  const { name, timeoutSeconds = 30, batchSize = 10, maximumConcurrency = 10 } = definition;
  within(name, "timeoutSeconds", timeoutSeconds, 1, FUNCTION_TIMEOUT_SECONDS);
  within(name, "batchSize", batchSize, 1, MAPPING_BATCH_RECORDS);
  within(name, "maximumConcurrency", maximumConcurrency, MAPPING_CONCURRENCY.least, MAPPING_CONCURRENCY.greatest);
  return { timeout: Duration.seconds(timeoutSeconds), batchSize, maximumConcurrency };
}

function within(service: string, field: string, value: number, least: number, greatest: number): void {
  if (Number.isInteger(value) && value >= least && value <= greatest) return;
  throw new ConfigurationError(
    `service ${service}: ${field} is ${value}: expected a whole number from ${least} to ${greatest}; change it in functions/${service}/service.ts`,
  );
}
