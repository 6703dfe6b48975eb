import type { Attempt, Change } from "../cloud/dynamodb.ts";
import type { Environment, Invocation } from "../cloud/environment.ts";
import type { Message } from "../cloud/queue.ts";
import type { Watcher } from "../cloud/watcher.ts";
import type { Root } from "../shop/workload.ts";
import type { World } from "../world.ts";
import { Commits } from "./commits.ts";
import { Deliveries } from "./deliveries.ts";
import { OutsideEffects } from "./effects.ts";
import { Order } from "./order.ts";
import { Events } from "./events.ts";
import type { Violation } from "./report.ts";
import { Settlements } from "./settlements.ts";

/** Violations that are kept of one run: the first ones tell. */
const KEPT = 20;

/**
 * The eyes of the simulation: every part of the simulated account tells it what happens, and it holds that against the
 * invariants. It reads bodies, tables and calls by itself, and shares nothing with the runtime.
 */
export class Checks implements Watcher {
  readonly violations: Violation[] = [];
  readonly roots: readonly Root[];
  readonly events: Events;
  readonly commits: Commits;
  readonly deliveries: Deliveries;
  readonly settlements: Settlements;
  /** Messages handed to functions. */
  received = 0;
  readonly #world: World;
  readonly #effects: OutsideEffects;
  /** Messages that the runtime sent again and the queue lost, by `<service> <event id>`. */
  readonly #lostAgain = new Set<string>();
  readonly #order: Order;

  constructor(world: World, roots: readonly Root[]) {
    this.#world = world;
    this.roots = roots;
    const report = this.report.bind(this);
    this.events = new Events(roots);
    this.commits = new Commits(report);
    this.deliveries = new Deliveries(report, this.events, this.commits);
    this.settlements = new Settlements(report, this.events, this.commits, this.deliveries, world.faults);
    this.#order = new Order(report, this.commits);
    this.commits.onEffect = (service, eventId) => this.#order.tookEffect(service, eventId);
    this.#effects = new OutsideEffects(report, (service) => world.tableOf(service));
  }

  report(invariant: string, detail: string): void {
    this.#world.trace(`VIOLATION ${invariant}: ${detail}`);
    if (this.violations.length < KEPT) this.violations.push({ invariant, detail });
  }

  /** @param group the message's group, on a FIFO topic */
  published(body: string, type: string, publisher: string, group: string | undefined): void {
    this.deliveries.publishedBy(publisher, body, type);
    const { id, dataref } = this.events.of(body);
    if (dataref !== undefined) {
      this.#world.rare("event whose data lies in S3");
      if (!this.#world.objects.has(dataref)) this.report("a large event's data is there before the event", id);
    }
    if (group !== undefined) this.#order.published(publisher, group, this.events.of(body).id);
    this.#world.trace(`${publisher} published ${this.events.of(body).id}`);
  }

  delivered(service: string, message: Message): void {
    this.deliveries.delivered(service, message.body);
    this.#world.trace(`${service} gets ${this.events.of(message.body).id} as ${message.messageId}`);
  }

  denied(service: string, body: string): void {
    this.deliveries.delivered(service, body);
    this.#order.leaves(service, this.events.of(body).id);
    this.#world.trace(`${service} is denied ${this.events.of(body).id}`);
  }

  expired(service: string, message: Message): void {
    this.deliveries.lost(service, message);
    if (message.origin === "runtime") this.#lostAgain.add(`${service} ${this.events.of(message.body).id}`);
    this.#order.leaves(service, this.events.of(message.body).id);
    this.#world.trace(`${service} loses ${message.messageId} to retention`);
  }

  receivedBatch(batch: readonly Message[]): void {
    this.received += batch.length;
  }

  redriven(service: string, message: Message): void {
    this.settlements.redriven(service, message);
    this.#order.leaves(service, this.events.of(message.body).id);
    this.#world.rare("message moved to the dead-letter queue by SQS");
    this.#world.trace(`${service} redrives ${message.messageId}`);
  }

  deadLettered(service: string, message: Message): void {
    this.settlements.deadLetteredByRuntime(service, message);
    this.#order.leaves(service, this.events.of(message.body).id);
    this.#world.rare("dead letter sent by the runtime");
    this.#world.trace(`${service} buries ${this.events.of(message.body).id}: ${message.attributes["errorMessage"]}`);
  }

  sentAgain(service: string, message: Message): void {
    this.#world.rare("message sent again by the runtime");
    this.#world.trace(`${service} sends ${this.events.of(message.body).id} again as ${message.messageId}`);
  }

  acknowledged(service: string, message: Message): void {
    if (service !== "producer" && !this.#isSentAgain(service, message)) this.settlements.acknowledged(service, message);
  }

  /** Whether another message carries on what this one was for, or did until the queue's retention ended it. */
  #isSentAgain(service: string, message: Message): boolean {
    const { id } = this.events.of(message.body);
    const { messages } = this.#world.queuesOf.get(service)!.queue;
    if (this.#lostAgain.has(`${service} ${id}`)) return true;
    return messages.some((other) => other !== message && other.origin === "runtime" && this.events.of(other.body).id === id);
  }

  attempted(service: string, attempts: readonly Attempt[]): void {
    this.commits.attempted(service, attempts);
  }

  held(): void {
    // Whatever a transaction was cancelled for, it has changed nothing.
  }

  committed(service: string, changes: readonly Change[], transaction: boolean): void {
    this.commits.committed(service, changes, transaction);
    this.#effects.committed(changes, this.#world.scheduler.now);
    this.#world.trace(`${service} writes ${changes.map(({ key }) => key).join(" ")}`);
  }

  called(environment: Environment, operation: string, input: unknown): void {
    this.settlements.called(environment, operation, input);
  }

  succeeded(environment: Environment, operation: string, input: unknown, output: unknown): void {
    this.settlements.succeeded(environment, operation, input, output);
  }

  invoked(invocation: Invocation): void {
    if (invocation.service !== "producer") this.settlements.invoked(invocation);
  }

  answered(invocation: Invocation, failed: ReadonlySet<string> | undefined): void {
    if (invocation.service !== "producer") this.settlements.answered(invocation, failed);
  }

  effectStarted(service: string, idempotencyKey: string): void {
    this.#effects.started(service, idempotencyKey);
  }

  timedOut(): void {
    // Some probes hang, and take no notice of the signal.
  }

  marked(): void {
    // The shop's handlers say nothing of what they do.
  }
}
