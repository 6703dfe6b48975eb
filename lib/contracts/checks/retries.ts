import { DEFAULT_RETRIES, type RetryPolicy } from "../retry-policy.ts";

/** Limits of a policy: an event that is retried for longer could meet copies of itself that the inbox has forgotten. */
const MOST_TRIES = 100;
const MOST_AGE_HOURS = 96;

/**
 * @param retries policies by event type
 * @param types the event types that the service consumes
 * @throws Error when a policy is for another type, or out of its limits.
 */
export function checkRetries(
  service: string,
  retries: Readonly<Record<string, RetryPolicy | undefined>>,
  types: readonly string[],
): void {
  for (const [type, policy] of Object.entries(retries)) {
    if (!types.includes(type)) throw new Error(`service ${service}: retries names ${type}, which it does not consume`);
    const { tries, ageHours } = { ...DEFAULT_RETRIES, ...policy };
    if (!Number.isInteger(tries) || tries < 1 || tries > MOST_TRIES) {
      throw new Error(
        `service ${service}: retries of ${type}: tries is ${tries}: expected a whole number from 1 to ${MOST_TRIES}`,
      );
    }
    if (!(ageHours > 0 && ageHours <= MOST_AGE_HOURS)) {
      throw new Error(
        `service ${service}: retries of ${type}: ageHours is ${ageHours}: expected more than 0, at most ${MOST_AGE_HOURS}`,
      );
    }
  }
}
