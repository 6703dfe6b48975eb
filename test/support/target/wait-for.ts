import { setTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import { inject } from "vitest";
import { type Patience, patienceWith } from "./target.ts";

/** Characters of what was seen that a message shows. */
const SHOWN = 2_000;

/**
 * Looks at the target again and again until what is there is what was waited for, and returns it.
 *
 * @param what what is waited for, as a person would say it: `the order's confirmation`
 * @throws Error that says what was seen last, when the target's time is up; whatever `look` throws, at once
 */
export async function waitFor<Seen>(
  what: string,
  look: () => Promise<Seen>,
  isIt: (seen: Seen) => boolean,
  { longest, pause }: Patience = patienceWith(inject("target")),
): Promise<Seen> {
  const deadline = performance.now() + longest;
  for (;;) {
    const seen = await look();
    if (isIt(seen)) return seen;
    if (performance.now() > deadline) {
      const last = inspect(seen, { depth: 6, breakLength: 120 }).slice(0, SHOWN);
      throw new Error(`waited ${longest / 1_000} s in vain for ${what}; seen last: ${last}`);
    }
    await setTimeout(pause);
  }
}
