import { DEFAULT_RETRIES, type RetryPolicy } from "../../contracts/retry-policy.ts";
import type { Attempts } from "./attempts.ts";
import type { FailureKind } from "./failure-kind.ts";

const HOUR_MILLISECONDS = 3_600_000;

/** A queue that stood still makes its events old: each is still tried so often. */
const LEAST_WAITS = 10;

/** An attempt that failed. */
interface FailedAttempt {
  readonly kind: FailureKind;
  /** When the attempt began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The event's type; undefined when the attempt failed before it was read. */
  readonly type: string | undefined;
}

/**
 * Whether an event is to be given up after this failure. An outage that lasts as long as the age allows kills no event: only an
 * attempt that began after that time is the last one.
 */
export function isGivenUp(
  { retries = {} }: { readonly retries?: Readonly<Record<string, RetryPolicy | undefined>> },
  { failures, waits, triedSince }: Attempts,
  { kind, startedAt, type }: FailedAttempt,
): boolean {
  const { tries, ageHours } = { ...DEFAULT_RETRIES, ...(type !== undefined && retries[type]) };
  switch (kind) {
    case "permanent":
      return true;
    case "own":
      return failures + 1 >= tries;
    case "unavailable":
      return waits + 1 >= LEAST_WAITS && startedAt - triedSince >= ageHours * HOUR_MILLISECONDS;
  }
}
