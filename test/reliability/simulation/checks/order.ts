import type { Commits } from "./commits.ts";
import type { Report } from "./report.ts";

/** An event's place in its group. */
interface Place {
  readonly group: string;
  readonly position: number;
}

/** FIFO: effects come in the order of publication, and outgoing events in the order of the commits that led to them. */
export class Order {
  readonly #report: Report;
  readonly #commits: Commits;
  /** Deliveries that were out of line: denied, dead or lost, by `<service> <event id>`. */
  readonly #outOfLine = new Set<string>();
  readonly #places = new Map<string, Place>();
  readonly #lastEffect = new Map<string, number>();
  readonly #commitPositions = new Map<string, number>();
  readonly #lastPublished = new Map<string, number>();
  #next = 1;

  constructor(report: Report, commits: Commits) {
    this.#report = report;
    this.#commits = commits;
  }

  /** An event has left the line: it comes back later, if at all. */
  leaves(service: string, eventId: string): void {
    this.#outOfLine.add(`${service} ${eventId}`);
  }

  /** SNS has taken in an event of a group. */
  published(publisher: string, group: string, eventId: string): void {
    if (this.#places.has(eventId)) return;
    this.#places.set(eventId, { group, position: this.#next++ });
    const cause = this.#commits.outgoing.get(eventId)?.cause;
    if (cause === undefined || this.#outOfLine.has(cause)) return;
    const index = this.#commits.led.get(cause)?.indexOf(eventId) ?? 0;
    const position = (this.#commitPositions.get(cause) ?? 0) + index / 1_000;
    const line = `${publisher} ${group}`;
    const last = this.#lastPublished.get(line) ?? 0;
    if (position < last) this.#report("outgoing events keep their group's order", `${eventId}, after ${cause}, was overtaken`);
    this.#lastPublished.set(line, Math.max(last, position));
  }

  /** An event has taken effect in a service. */
  tookEffect(service: string, eventId: string): void {
    const name = `${service} ${eventId}`;
    this.#commitPositions.set(name, this.#next++);
    const place = this.#places.get(eventId);
    if (!place || this.#outOfLine.has(name)) return;
    const line = `${service} ${place.group}`;
    const last = this.#lastEffect.get(line) ?? 0;
    if (place.position < last) this.#report("events of a group take effect in order", `${name} was overtaken`);
    this.#lastEffect.set(line, Math.max(last, place.position));
  }
}
