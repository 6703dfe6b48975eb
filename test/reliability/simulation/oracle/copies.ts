import type { Report } from "../checks/report.ts";
import type { Environment, Invocation } from "../cloud/environment.ts";
import type { Fact, Facts } from "./facts.ts";
import { isAllPublished } from "./outgoing.ts";

/** Copies of events that have taken effect: none is dead, none has an outside effect, and none leads on without end. */
export class Copies {
  /** Services whose inbox moves: what one place knows to be published, the other does not. */
  readonly moving = new Set<string>();
  readonly #report: Report;
  readonly #facts: Facts;
  /** The one invocation of an environment that got a body; undefined for several: what is left over of one may run in another. */
  readonly #seen = new WeakMap<Environment, Map<string, Invocation | undefined>>();
  /** Those whose outgoing events were all published when an invocation began that handled a copy. */
  readonly #settled = new WeakMap<Invocation, Fact[]>();

  constructor(report: Report, facts: Facts) {
    this.#report = report;
    this.#facts = facts;
  }

  invoked(invocation: Invocation): void {
    const { environment, batch } = invocation;
    const seen = this.#seen.get(environment) ?? new Map<string, Invocation | undefined>();
    this.#seen.set(environment, seen);
    for (const { body } of batch) seen.set(body, seen.has(body) ? undefined : invocation);
    const done = batch.flatMap(({ body }) => this.#facts.of(body) ?? []).filter((fact) => fact.doneAt !== undefined);
    this.#settled.set(invocation, done.filter(isAllPublished));
  }

  /** An invocation has answered, and reports none of these as failed. */
  answered(invocation: Invocation, acknowledged: readonly string[], now: number): void {
    if (invocation.troubles > 0) return;
    for (const fact of this.#settled.get(invocation) ?? []) {
      if (acknowledged.some((body) => this.#facts.of(body) === fact)) fact.closedAt ??= now;
    }
  }

  /** The runtime sends a message again: the invocation does not say then that the event is done with. */
  postponed({ invocation }: Environment, body: string): void {
    if (!invocation) return;
    const settled = this.#settled.get(invocation) ?? [];
    this.#settled.set(
      invocation,
      settled.filter((fact) => fact !== this.#facts.of(body)),
    );
  }

  /** The runtime sends a dead letter. */
  buried(environment: Environment, body: string, why: string): void {
    const fact = this.#facts.of(body);
    const invocation = this.#of(environment, body);
    if (fact?.doneAt === undefined || !invocation || invocation.startedAt <= fact.doneAt) return;
    // Where calls fail, the inbox may not have been there to ask.
    if (invocation.troubles > 0) return;
    this.#report("a copy of an event that has taken effect is not dead", `${fact.service} ${fact.name}: ${why}`);
  }

  /** A run begins an outside effect. */
  effectBegan(fact: Fact, beganAt: number, key: string): void {
    if (fact.doneAt === undefined || beganAt <= fact.doneAt) return;
    this.#report("a copy of an event that has taken effect has no outside effect", `${fact.service} ${fact.name}: ${key}`);
  }

  /** The runtime publishes what a fact leads to. */
  publishes(environment: Environment, fact: Fact): void {
    const { invocation, service } = environment;
    if (this.moving.has(service)) return;
    const body = invocation?.batch.find((message) => this.#facts.of(message.body) === fact)?.body;
    const own = body !== undefined && this.#of(environment, body);
    if (!own || fact.closedAt === undefined || own.startedAt <= fact.closedAt) return;
    this.#report("a copy leads to nothing once everything is published", `${fact.service} ${fact.name}`);
  }

  #of(environment: Environment, body: string): Invocation | undefined {
    const invocation = this.#seen.get(environment)?.get(body);
    return invocation === environment.invocation ? invocation : undefined;
  }
}
