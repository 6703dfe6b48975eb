import * as v from "valibot";
import type { Facts } from "./check.ts";
import { emailItem, type Event, event, homeItem, inboxRecord, journalItem } from "./shapes.ts";

/** A dead letter: the event in it, and the service that could not handle it. */
export interface DeadLetter {
  readonly service: string;
  readonly event: Event;
  readonly reason: string | undefined;
}

/** What became of every event at every service that subscribes to it. */
export interface Settlements {
  readonly deliveries: number;
  readonly dead: readonly DeadLetter[];
  readonly findings: readonly string[];
}

/** Every event that is known: acknowledged to a producer, or committed by a service to be published. Once each. */
export function readEvents({ acknowledged, world: { tables } }: Facts): Event[] {
  const committed = [...tables]
    .flatMap(([service, items]) => items.flatMap((item) => handledIn(service, item)))
    .flatMap(({ outgoing }) => outgoing.map(({ body }) => v.parse(event, JSON.parse(body))));
  return [...new Map([...acknowledged, ...committed].map((known) => [known.id, known])).values()];
}

/** Each event has, at each service that subscribes to its type, one effect or one dead letter; and nothing else is there. */
export function checkSettlements(facts: Facts, events: readonly Event[]): Settlements {
  const { tables, subscriptions, deadLetters } = facts.world;
  const dead = [...deadLetters].flatMap(([service, letters]) =>
    letters.map(({ body, reason }) => ({ service, reason, event: v.parse(event, JSON.parse(body)) })),
  );
  const effects = new Map([...tables].map(([service, items]) => [service, effectsOf(service, items)]));
  const findings: string[] = [];
  let deliveries = 0;
  for (const [service, types] of subscriptions) {
    for (const { id, type } of events.filter((known) => types.has(known.type))) {
      deliveries++;
      const effect = effects.get(service)?.get(id) ?? 0;
      const letters = dead.filter((letter) => letter.service === service && letter.event.id === id).length;
      if (effect + letters !== 1) findings.push(`${service}: ${type} ${id} has ${effect} effects and ${letters} dead letters`);
    }
  }
  const known = new Set(events.map(({ id }) => id));
  for (const [service, handled] of effects)
    for (const id of handled.keys())
      if (!known.has(id)) findings.push(`${service} has handled ${id}, which nobody has published`);
  for (const letter of dead)
    if (!known.has(letter.event.id))
      findings.push(`${letter.service} has a dead letter of ${letter.event.id}, which nobody has published`);
  return { deliveries, dead, findings };
}

/**
 * How often each event has taken effect in a service, by its id: what the service wrote for it, where that names the event; the
 * inbox elsewhere.
 */
function effectsOf(service: string, items: readonly object[]): Map<string, number> {
  const schema = { ledger: journalItem, notifications: emailItem }[service];
  const ids = items.flatMap((item) => {
    if (schema) {
      const written = v.safeParse(schema, item);
      return written.success ? [written.output.eventId] : [];
    }
    return handledIn(service, item).map(({ id }) => id);
  });
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** The events that an item remembers as handled, with what each led to. */
function handledIn(service: string, item: object): { id: string; outgoing: { body: string }[] }[] {
  const record = v.safeParse(inboxRecord, item);
  if (record.success) return [{ ...record.output, id: record.output.pk.slice(`inbox#${service}#`.length) }];
  const home = v.safeParse(homeItem, item);
  return home.success ? home.output.inbox : [];
}
