import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SQS_VISIBILITY_SECONDS } from "#lib/contracts/limits.ts";
import { backoffSeconds } from "#lib/runtime/record/retry.ts";

test("the backoff is a whole number of seconds, doubles with each attempt, and stays within SQS's limits", () => {
  expect([1, 2, 3, 4, 5].map((attempt) => backoffSeconds(attempt, 1))).toEqual([1, 2, 4, 8, 16]);
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), random, (attempt, chance) => {
      const seconds = backoffSeconds(attempt, chance);
      expect(Number.isInteger(seconds)).toBe(true);
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(Math.min(15 * 60, SQS_VISIBILITY_SECONDS, 2 ** (attempt - 1)));
    }),
  );
});
