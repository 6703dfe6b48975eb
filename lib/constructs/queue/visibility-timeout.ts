import { Duration } from "aws-cdk-lib/core";
import { SQS_VISIBILITY_SECONDS, VISIBILITY_PER_TIMEOUT } from "../../contracts/limits.ts";
import { ConfigurationError } from "../configuration-error.ts";

/**
 * How long a service's queue hides a received message: six function timeouts unless more is requested.
 *
 * @throws ConfigurationError for less than six function timeouts, or more than 12 hours
 */
export function visibilityTimeoutOf(service: string, functionTimeout: Duration, requested?: Duration): Duration {
  const least = functionTimeout.toSeconds() * VISIBILITY_PER_TIMEOUT;
  const seconds = requested?.toSeconds() ?? least;
  if (seconds < least || seconds > SQS_VISIBILITY_SECONDS) {
    throw new ConfigurationError(
      `service ${service}: visibility timeout of ${seconds} s: expected ${least} s (${VISIBILITY_PER_TIMEOUT} function timeouts of ${functionTimeout.toSeconds()} s) to ${SQS_VISIBILITY_SECONDS} s`,
    );
  }
  return Duration.seconds(seconds);
}
