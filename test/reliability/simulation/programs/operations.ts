import type { Random } from "../../../support/random.ts";
import type { World } from "../world.ts";

/** How long SNS may go on with a filter policy that was changed, in milliseconds. sns/latest/dg/sns-subscription-filter-policies */
const FILTER_LAG = 15 * 60 * 1_000;

/** A time from which on something is under way, and one at which it is done: milliseconds from the start. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** What operators do in a seed, at which times. */
export interface Operations {
  /** When the weaver's code comes that knows the second version of its event; code of both versions runs meanwhile. */
  readonly code: Period;
  /** When its subscription lets the second version through; SNS goes by the old filter policy and the new one meanwhile. */
  readonly filter: Period;
  /** When the dial's inbox moves from records into the items, and when back; code of both definitions runs meanwhile. */
  readonly inbox: { readonly into: Period; readonly back: Period };
  /** When the functions of a service end their process whatever they get, at once or when they have done their work. */
  readonly outages: readonly (Period & { readonly service: string; readonly way: "crashing" | "ending" })[];
  /** Milliseconds that the weaver's handlers take beside what they do: a backlog of slow ones builds up. */
  readonly slowness: number;
  /** When all dead letters that lie there are sent back. */
  readonly redrives: readonly number[];
}

/** A bad deployment, until somebody takes it back, in milliseconds. */
const LONGEST_OUTAGE = { crashing: 10 * 60 * 1_000, ending: 30 * 60 * 1_000 };

const DONE_BEFORE: Period = { from: -1, until: -1 };
const NEVER: Period = { from: Infinity, until: Infinity };

/** Draws what operators do: stacks are deployed in any order, and so may be half deployed at any time. */
export function drawOperations(random: Random, lasts: number): Operations {
  const period = (longest: number): Period => {
    const from = random.between(0, lasts);
    return { from, until: from + random.between(0, longest) };
  };
  const times = (most: number) => Array.from({ length: random.below(most + 1) });
  const deploys = random.chance(0.5);
  const breaks = random.chance(0.25);
  const way = random.pick(["crashing", "ending"] as const);
  const into = random.chance(0.4) ? period(lasts / 2) : DONE_BEFORE;
  const back = random.chance(0.25) ? period(lasts / 2) : NEVER;
  return {
    inbox: { into, back: { from: Math.max(into.until, back.from), until: Math.max(into.until, back.until) } },
    outages: breaks ? [{ ...period(LONGEST_OUTAGE[way]), way, service: random.pick(["weaver", "dial"]) }] : [],
    slowness: random.chance(0.2) ? random.pick([500, 2_000, 5_000]) : 0,
    code: deploys ? period(lasts / 2) : DONE_BEFORE,
    filter: deploys ? period(FILTER_LAG) : DONE_BEFORE,
    redrives: times(3).map(() => random.between(0, 2 * lasts)),
  };
}

/** Whether something has happened: before its period not, after it surely, and meanwhile as chance has it. */
export function hasHappened(world: World, { from, until }: Period): boolean {
  const time = world.scheduler.now - world.startedAt;
  return time >= until || (time >= from && world.random.chance(0.5));
}
