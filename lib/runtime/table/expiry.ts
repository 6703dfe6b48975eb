const SECONDS_PER_DAY = 24 * 60 * 60;

/** The TTL attribute of an item that is kept for some days: seconds since 1970. @param now milliseconds since 1970 */
export function expiryOf(now: number, days: number): number {
  return Math.floor(now / 1_000) + days * SECONDS_PER_DAY;
}
