import type { StandInPayment } from "../../../../functions/payments/stand-in.ts";
import type { Envelope } from "#lib/contracts/index.ts";
import { checkBusiness } from "./business.ts";
import { checkSettlements, readEvents } from "./settlements.ts";
import type { World } from "./read-world.ts";

/** What is known from outside the system, and what the system holds. */
export interface Facts {
  /** The events that SNS has acknowledged to producers. */
  readonly acknowledged: readonly Pick<Envelope, "id" | "type" | "subject" | "data">[];
  readonly world: World;
  /** The payment provider's own books. */
  readonly payments: readonly StandInPayment[];
  /** Pieces of each product before the first order. */
  readonly openingStock: number;
}

/** What the checks found. */
export interface Verdict {
  /** Events that were checked, those that services published among them. */
  readonly events: number;
  /** Pairs of an event and a service that subscribes to it. */
  readonly deliveries: number;
  /** How many letters are dead, by service and reason. */
  readonly deadLetters: ReadonlyMap<string, number>;
  /** A line for each thing that is not as it should be. */
  readonly findings: readonly string[];
}

/** Accounts for every event and every penny. */
export function check(facts: Facts): Verdict {
  const events = readEvents(facts);
  const settlements = checkSettlements(facts, events);
  return {
    events: events.length,
    deliveries: settlements.deliveries,
    deadLetters: countBy(settlements.dead, ({ service, reason = "moved by SQS" }) => `${service} ${reason}`),
    findings: [
      ...facts.world.busyQueues.map((queue) => `${queue} is not empty`),
      ...settlements.findings,
      ...checkBusiness(facts, events, settlements.dead),
    ],
  };
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
