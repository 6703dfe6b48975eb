import type { Message } from "../cloud/queue.ts";
import type { Commits } from "./commits.ts";
import type { Events, KnownEvent } from "./events.ts";
import type { Report } from "./report.ts";
import { ROUTES } from "./routes.ts";

/** What became of one event on its way to one service. */
export interface Delivery {
  readonly service: string;
  readonly event: KnownEvent;
  /** Messages that carried it into the service's queue. */
  copies: number;
  /** Whether a message of it was lost to the queue's retention. */
  expired: boolean;
}

/** Publishing and delivery: who published what, and whether it went where the oracle says. */
export class Deliveries {
  /** By service and event. */
  readonly all = new Map<string, Delivery>();
  /** How often each event was taken in by SNS. */
  readonly published = new Map<string, number>();
  expired = 0;
  readonly #report: Report;
  readonly #events: Events;
  readonly #commits: Commits;

  constructor(report: Report, events: Events, commits: Commits) {
    this.#report = report;
    this.#events = events;
    this.#commits = commits;
  }

  /** SNS has taken a message in. */
  publishedBy(publisher: string, body: string, type: string): void {
    const event = this.#events.of(body);
    this.published.set(event.id, (this.published.get(event.id) ?? 0) + 1);
    if (publisher !== "producer" && this.#commits.outgoing.get(event.id)?.body !== body) {
      this.#report("nothing is published from an aborted transaction", `${publisher} published ${event.type} ${event.id}`);
    }
    for (const service of ROUTES.get(type) ?? []) {
      const key = deliveryKey(service, event.id);
      if (!this.all.has(key)) this.all.set(key, { service, event, copies: 0, expired: false });
    }
  }

  /** A message has come to a service's queue, or to the dead-letter queue of its subscription. */
  delivered(service: string, body: string): void {
    const event = this.#events.of(body);
    const delivery = this.all.get(deliveryKey(service, event.id));
    if (delivery) delivery.copies++;
    else this.#report("delivery equals the filter oracle", `${service} got ${event.type} ${event.id}, which is not for it`);
  }

  /** A message was too old for its queue. */
  lost(service: string, { body }: Message): void {
    this.expired++;
    const delivery = this.all.get(deliveryKey(service, this.#events.of(body).id));
    if (delivery) delivery.expired = true;
  }
}

/** A text that tells pairs of service and event apart. */
export function deliveryKey(service: string, eventId: string): string {
  return `${service} ${eventId}`;
}
