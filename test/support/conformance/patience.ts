import { inject } from "vitest";
import type { Patience, Target } from "../target/target.ts";

/**
 * How long a test waits in vain before it says that a target differs, in milliseconds. Long enough for a cold start and a few visibility
 * timeouts; not so long that a target's known differences make the suite slow.
 */
const LONGEST: Readonly<Record<Target["name"], number>> = { embedded: 40_000, localstack: 40_000, aws: 90_000 };

/** Between two looks, in milliseconds. Tests run side by side here, and each look takes time from the others. */
const PAUSE: Readonly<Record<Target["name"], number>> = { embedded: 150, localstack: 250, aws: 500 };

/** How patient a test is; `seconds` more where it waits for something that takes so long by itself. */
export function patience(seconds = 0): Patience {
  const target = inject("target");
  return { longest: LONGEST[target.name] + seconds * 1_000, pause: PAUSE[target.name] };
}
