import type { Attempt, Change } from "../cloud/dynamodb.ts";
import { type Item, numberIn, plain, textIn } from "../cloud/items.ts";
import type { Report } from "./report.ts";
import { unpacked } from "../../../support/packed-events.ts";

/** An event that a committed transaction has given out. */
export interface Outgoing {
  readonly service: string;
  readonly cause: string;
  readonly body: string;
}

/** What is written of an event that has taken effect. */
const INBOX = "inbox#";

/** Items that the runtime keeps for itself. */
const BOOKKEEPING = ["effect#", "handling#"];

/** Events that take effect with a write, and what each gives out. */
type Handled = Map<string, readonly { id: string; body: string }[]>;

/** Tables: what transactions ask for, and what they change. */
export class Commits {
  /** How often each event took effect in each service: by `<service> <event id>`. */
  readonly effects = new Map<string, number>();
  /** Every event that a committed transaction has given out, by its id. */
  readonly outgoing = new Map<string, Outgoing>();
  /** Ids of the events that one event led to, by `<service> <event id>`. */
  readonly led = new Map<string, readonly string[]>();
  /** Told of every effect. */
  onEffect: (service: string, eventId: string) => void = () => {};
  readonly #report: Report;
  readonly #asked = new Map<string, readonly string[]>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** A transaction was asked for; it may fail. */
  attempted(service: string, attempts: readonly Attempt[]): void {
    const [first] = attempts;
    const entry = entriesIn(first?.item).at(-1);
    if (!first?.guarded || (first.item && !first.key.startsWith(INBOX) && !entry)) {
      this.#report(
        "state changes only under the inbox's guard",
        `${service}: a transaction of ${attempts.map(({ key }) => key).join(", ")}`,
      );
      return;
    }
    if (!first.item) return;
    const [name, outgoing] = entry ? [`${service} ${entry.id}`, entry.outgoing] : [first.key, outgoingIn(first.item)];
    const ids = outgoing.map(({ id }) => id);
    const known = this.#asked.get(name);
    if (!known || ids.length > known.length) this.#asked.set(name, ids);
    const other = known?.findIndex((id, index) => index < ids.length && ids[index] !== id) ?? -1;
    if (other >= 0) {
      this.#report("an outgoing event's id is stable", `${name}: event ${other} was ${known?.[other]}, and then ${ids[other]}`);
    }
  }

  /** A write has changed items. */
  committed(service: string, changes: readonly Change[], transaction: boolean): void {
    /** The events that take effect with it: while a service moves its inbox, each is in two places. */
    const handled = new Map<string, readonly { id: string; body: string }[]>();
    const kept = new Set(changes.flatMap(({ before }) => entriesIn(before)).map(({ id }) => id));
    for (const change of changes) {
      if (change.key.startsWith(INBOX)) this.#recorded(service, change, handled);
      else if (BOOKKEEPING.some((prefix) => change.key.startsWith(prefix))) this.#checkEffect(service, change);
      else this.#checkState(service, change, transaction, handled);
    }
    // An entry that becomes a record has taken effect before.
    for (const [eventId, outgoing] of handled) if (!kept.has(eventId)) this.#tookEffect(service, eventId, outgoing);
  }

  /** How often an event took effect in a service. */
  effectsOf(service: string, eventId: string): number {
    return this.effects.get(`${service} ${eventId}`) ?? 0;
  }

  /** An inbox record of its own was written. */
  #recorded(service: string, { key, before, after }: Change, handled: Handled): void {
    const eventId = key.slice(`${INBOX}${service}#`.length, key.lastIndexOf("|"));
    if (isHandled(before)) {
      if (textOf(before) !== textOf(after)) this.#report("an inbox record is written once", `${service} ${eventId}`);
      return;
    }
    if (after && !after["checkpoints"]) handled.set(eventId, outgoingIn(after));
  }

  #tookEffect(service: string, eventId: string, events: readonly { id: string; body: string }[]): void {
    const name = `${service} ${eventId}`;
    const times = (this.effects.get(name) ?? 0) + 1;
    this.effects.set(name, times);
    if (times > 1) this.#report("an event takes effect once", `${name} took effect ${times} times`);
    this.led.set(
      name,
      events.map(({ id }) => id),
    );
    for (const { id, body } of events) {
      const known = this.outgoing.get(id);
      if (known) this.#report("an outgoing event's id is its own", `${id} was given out for ${known.cause} and for ${name}`);
      this.outgoing.set(id, { service, cause: name, body });
    }
    this.onEffect(service, eventId);
  }

  #checkState(service: string, { key, before, after }: Change, transaction: boolean, handled: Handled): void {
    const marked = unmarked(before) === unmarked(after);
    const carried = entriesIn(after).filter(({ id }) => !entriesIn(before).some((entry) => entry.id === id));
    for (const { id, outgoing } of carried) handled.set(id, outgoing);
    if (!transaction && !marked && carried.length !== 1) {
      this.#report("state changes only with its inbox", `${service}: ${key} carries ${carried.length} new entries`);
    }
    if (numberIn(after, "available") < 0)
      this.#report("stock is never below zero", `${key} has ${numberIn(after, "available")}`);
    if (!before || !after || key.startsWith("journal#")) return;
    const expected = numberIn(before, "version") + 1;
    if (numberIn(after, "version") !== expected) {
      this.#report("no update is lost", `${service}: ${key} is at version ${numberIn(after, "version")}, expected ${expected}`);
    }
  }

  #checkEffect(service: string, { key, before, after }: Change): void {
    const was = textIn(before, "result");
    if (was !== "" && textIn(after, "result") !== was) {
      this.#report("a recorded effect stays recorded", `${service}: ${key} was ${was}, and is ${textIn(after, "result")}`);
    }
  }
}

/** Whether an inbox record says that its event has been handled, and not only that it has got to a checkpoint. */
function isHandled(record: Item | undefined): boolean {
  return textIn(record, "handledAt") !== "";
}

/** An inbox record without what may still change: the mark that all of its events are published. */
function textOf({ published: _, ...record }: Item = {}): string {
  return JSON.stringify(record);
}

/** An item without the marks that the events behind an entry are published, and without its version, which each of them changes. */
function unmarked(item: Item = {}): string {
  const entries = item["inbox"]?.L?.map(({ M: { published: _, ...entry } = {} }) => entry);
  return JSON.stringify({ ...item, inbox: entries, version: 0 });
}

/** The events that an item says are handled, by our own reading of it. */
export function entriesIn(item: Item | undefined): { id: string; outgoing: { id: string; body: string }[] }[] {
  const entries = (item?.["inbox"]?.L ?? []).filter(({ M }) => !M?.["checkpoints"]);
  return entries.map(({ M = {} }) => ({ id: textIn({ ...M }, "id"), outgoing: outgoingIn({ ...M }) }));
}

/** The events in an inbox record, by our own reading of it. */
function outgoingIn(item: Item): { id: string; body: string }[] {
  const outgoing = unpacked(plain(item)["outgoing"]);
  if (!Array.isArray(outgoing)) return [];
  return outgoing.map((entry: unknown) => {
    const body: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "body") : undefined;
    const parsed: unknown = typeof body === "string" ? JSON.parse(body) : undefined;
    const id: unknown = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "id") : undefined;
    return { id: String(id), body: String(body) };
  });
}
