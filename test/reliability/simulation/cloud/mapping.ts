import type { World } from "../world.ts";
import type { Environment, Invocation } from "./environment.ts";
import { toQueueEvent } from "./queue-event.ts";
import { type Message, type Queue, receiptHandleOf } from "./queue.ts";

/** How late an acknowledgement may be, at the most. */
const LATE_ACKNOWLEDGEMENT = 5 * 60 * 1_000;

/** How long an environment is left frozen in the middle of something: longer than a lease of the services with the shortest timeout. */
const RIPE_MILLISECONDS = 15_000;

/** How a mapping feeds its function. */
export interface MappingRules {
  readonly batchSize: number;
  readonly maximumConcurrency: number;
  readonly timeoutMilliseconds: number;
}

/** When a service is out of order, and how. */
export interface Outage {
  readonly from: number;
  readonly until: number;
  /** `ending`: the process ends when it has done all its work, and nobody hears of it. */
  readonly way: "stopped" | "crashing" | "throttled" | "ending";
}

/** The event source mapping of one service. */
export class Mapping {
  readonly service: string;
  outage: Outage | undefined;
  readonly #world: World;
  readonly #queue: Queue;
  readonly #rules: MappingRules;
  readonly #environments: Environment[] = [];
  readonly #createEnvironment: () => Environment;
  #running = 0;
  #polling = false;

  constructor(world: World, service: string, queue: Queue, rules: MappingRules, createEnvironment: () => Environment) {
    this.#world = world;
    this.service = service;
    this.#queue = queue;
    this.#rules = rules;
    this.#createEnvironment = createEnvironment;
    queue.onVisible = () => this.#wake();
  }

  /** Told when the deployment under way has ended: every environment from now on runs the current version. */
  onDeployed: () => void = () => {};

  /** Ends a deployment. */
  deploy(): void {
    this.onDeployed();
    this.retire();
  }

  /** Replaces all environments: those that are busy when they finish. */
  retire(): void {
    for (const environment of this.#environments) environment.retired = true;
  }

  #wake(): void {
    if (this.#polling) return;
    this.#polling = true;
    this.#world.scheduler.after(this.#world.random.between(1, 20), () => {
      this.#polling = false;
      this.#poll();
    });
  }

  #poll(): void {
    const { scheduler, random } = this.#world;
    const outage = this.#outageNow();
    if (outage?.way === "stopped") {
      scheduler.after(outage.until - scheduler.now, () => this.#wake());
      return;
    }
    while (this.#running < this.#rules.maximumConcurrency) {
      const batch = this.#queue.receive(1 + random.below(this.#rules.batchSize));
      if (batch.length === 0) return;
      this.#world.checks.receivedBatch(batch);
      this.#hand(batch, outage);
    }
  }

  #hand(batch: Message[], outage: Outage | undefined): void {
    const { faults, scheduler, random } = this.#world;
    this.#world.trace(`${this.service} batch ${batch.map(receiptHandleOf).join(" ")}`);
    if (outage?.way === "throttled" || faults.happens("mapping.throttled")) return;
    this.#running++;
    const environment = this.#environment();
    environment.busy = true;
    scheduler.after(environment.cold ? random.between(100, 400) : 1, () => {
      if (outage?.way === "crashing") environment.crash();
      this.#invoke(environment, batch, outage?.way === "ending");
    });
  }

  #invoke(environment: Environment, batch: Message[], ends: boolean): void {
    const { faults, scheduler } = this.#world;
    let answered = false;
    const finish = (): void => {
      if (answered) return;
      answered = true;
      this.#running--;
      this.#wake();
    };
    const event = toQueueEvent(batch, this.#queue.name);
    const { timeoutMilliseconds } = this.#rules;
    const invocation = environment.invoke({ event, batch, timeoutMilliseconds }, (invocation, answer) => {
      environment.busy = false;
      if (ends) environment.crash();
      if (!answered) this.#settle(invocation, batch, ends ? undefined : answer);
      else this.#world.rare("invocation that went on after its end for the mapping");
      finish();
    });
    if (invocation && faults.happens("mapping.answer-lost")) {
      scheduler.after(faults.between("mapping.answer-lost", 1, 2_000), finish);
    }
  }

  #settle(invocation: Invocation, batch: Message[], answer: unknown): void {
    const { checks } = this.#world;
    const read = this.#disturb(answer, batch);
    const failed = failedIds(read, batch);
    this.#world.trace(`${this.service} answer ${failed ? `failed: ${[...failed].join(" ")}` : "none"}`);
    if (answer !== undefined) checks.answered(invocation, failedIds(answer, batch));
    if (!failed) return;
    for (const message of batch) if (!failed.has(message.messageId)) this.#acknowledge(message);
  }

  #acknowledge(message: Message): void {
    const { faults, scheduler, checks } = this.#world;
    checks.acknowledged(this.service, message);
    if (message.origin !== "runtime" && faults.happens("acknowledgement.lost")) return;
    const handle = receiptHandleOf(message);
    const late = faults.happens("acknowledgement.late") ? faults.between("acknowledgement.late", 0, LATE_ACKNOWLEDGEMENT) : 5;
    scheduler.after(late, () => this.#queue.delete(handle));
  }

  /** The answer as it reaches Lambda; what it says of failures never gets less, for no runtime could help that. */
  #disturb(answer: unknown, batch: Message[]): unknown {
    const { faults } = this.#world;
    if (answer === undefined) return undefined;
    if (faults.happens("mapping.answer-malformed")) return { batchItemFailures: [{ itemIdentifier: "" }] };
    if (faults.happens("mapping.answer-unknown-id")) return { batchItemFailures: [{ itemIdentifier: "nobody" }] };
    if (failedIds(answer, batch)?.size === 0 && faults.happens("mapping.answer-null")) return null;
    return answer;
  }

  #environment(): Environment {
    const { faults, random, scheduler } = this.#world;
    const idle = this.#environments.filter(({ busy, dead, retired }) => !busy && !dead && !retired);
    // One that was frozen in the middle of something does most harm when it is thawed long afterwards: most are left alone until then.
    const ripe = idle.filter(
      ({ halfwaySince }) => halfwaySince !== undefined && scheduler.now - halfwaySince > RIPE_MILLISECONDS,
    );
    if (ripe.length > 0 && random.chance(0.5)) return random.pick(ripe);
    const usual = random.chance(0.2) ? idle : idle.filter(({ halfwaySince }) => halfwaySince === undefined);
    if (usual.length > 0 && !faults.happens("lambda.recycled")) return random.pick(usual);
    const created = this.#createEnvironment();
    this.#environments.push(created);
    return created;
  }

  #outageNow(): Outage | undefined {
    const { now } = this.#world.scheduler;
    return this.outage && this.outage.from <= now && now < this.outage.until ? this.outage : undefined;
  }
}

/**
 * The messages that an answer reports as failed; undefined when the whole batch failed. Lambda Developer Guide,
 * services-sqs-errorhandling: null and empty answers are success, bad identifiers fail the batch.
 */
function failedIds(answer: unknown, batch: readonly Message[]): Set<string> | undefined {
  if (answer === undefined) return undefined;
  if (answer === null || typeof answer !== "object") return new Set();
  const failures: unknown = Reflect.get(answer, "batchItemFailures") ?? [];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map((failure: unknown): unknown =>
    typeof failure === "object" && failure !== null ? Reflect.get(failure, "itemIdentifier") : undefined,
  );
  const known = new Set<unknown>(batch.map(({ messageId }) => messageId));
  const texts = ids.filter((id): id is string => typeof id === "string" && known.has(id));
  return texts.length === ids.length ? new Set(texts) : undefined;
}
