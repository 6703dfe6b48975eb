/** Garbage is part of what a heap holds. With less tolerance a function that makes much of it would be ended for that. */
const TOLERANCE = { factor: 1.5, megabytes: 32 };

/** What a function of so many megabytes may hold, garbage included, in bytes. */
export function memoryLimit(megabytes: number): number {
  return (megabytes * TOLERANCE.factor + TOLERANCE.megabytes) * 1_024 * 1_024;
}
