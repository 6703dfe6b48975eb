import { Random } from "../../../support/random.ts";
import type { Scheduled } from "../scheduler.ts";
import type { World } from "../world.ts";
import type { Message } from "./queue.ts";
import { setRunning } from "./running.ts";

/** One invocation of a function. */
export interface Invocation {
  readonly service: string;
  readonly environment: Environment;
  readonly startedAt: number;
  /** When Lambda kills it, in milliseconds since 1970. */
  readonly killedAt: number;
  /** The messages that it is handed; none for one that no queue invokes. */
  readonly batch: readonly Message[];
  /** Calls that failed or were disturbed: why records may have to come back. */
  troubles: number;
  /** Whether its environment stood still meanwhile: then it may run out of time through no fault of its own. */
  stalled: boolean;
}

/** The part of Lambda's context that a handler reads. */
interface Context {
  readonly getRemainingTimeInMillis: () => number;
}

/** A Lambda handler. */
export type FunctionHandler = (event: object, context: Context) => Promise<unknown>;

/** What a function is invoked with. */
export interface Invoked {
  readonly event: object;
  /** The messages in the event, when they come from a queue. */
  readonly batch: readonly Message[];
  readonly timeoutMilliseconds: number;
}

/** Environment variables of a function. */
type Variables = Readonly<Record<string, string>>;

type Answered = (invocation: Invocation, answer: unknown) => void;

/** How far a clock may be off, in milliseconds: less than the five seconds that the runtime allows for. */
const SKEW_MILLISECONDS = 2_000;

/**
 * One execution environment: the function's code with memory of its own, run for one batch at a time and frozen in between.
 * It may crash between any two steps: then it never goes on, and its memory is lost.
 */
export class Environment {
  readonly name: string;
  readonly service: string;
  readonly random: Random;
  readonly skew: number;
  busy = false;
  cold = true;
  dead = false;
  retired = false;
  invocation: Invocation | undefined;
  readonly world: World;
  readonly variables: Variables;
  readonly #handler: FunctionHandler;
  /** What came due while it was frozen. */
  #due: (() => void)[] = [];
  #frozen = true;
  #frozenAt = 0;
  #answered: Answered | undefined;

  /** @param load loads the function's code, with the variables in its environment */
  constructor(world: World, service: string, load: () => FunctionHandler, variables: Variables) {
    this.world = world;
    this.service = service;
    this.variables = variables;
    this.name = `${service}/${world.nextId()}`;
    this.random = new Random(world.seed, this.name);
    this.skew = world.faults.happens("lambda.clock-skewed") ? this.random.between(-SKEW_MILLISECONDS, SKEW_MILLISECONDS) : 0;
    setRunning(this);
    this.#handler = load();
    if (world.faults.happens("lambda.crash-anytime")) {
      const after = world.faults.between("lambda.crash-anytime", 0, 10_000);
      world.scheduler.after(after, () => this.crash());
    }
  }

  /** Since when it has been frozen in the middle of something, in milliseconds since 1970; undefined when it is not. */
  get halfwaySince(): number | undefined {
    return this.#due.length > 0 ? this.#frozenAt : undefined;
  }

  /** Invokes the function. `answered` is called once: with its answer, or with undefined when there is none. */
  invoke({ event, batch, timeoutMilliseconds }: Invoked, answered: Answered): Invocation | undefined {
    const { scheduler } = this.world;
    this.cold = false;
    const killedAt = scheduler.now + timeoutMilliseconds;
    const invocation: Invocation = {
      service: this.service,
      environment: this,
      startedAt: scheduler.now,
      killedAt,
      batch,
      troubles: 0,
      stalled: false,
    };
    this.#answered = answered;
    this.invocation = invocation;
    if (this.dead) {
      this.#answer(undefined);
      return undefined;
    }
    const timer = scheduler.after(timeoutMilliseconds, () => {
      if (this.invocation !== invocation) return;
      this.world.rare("invocation killed at its timeout");
      this.world.checks.timedOut(invocation);
      this.crash();
    });
    this.world.checks.invoked(invocation);
    this.#thaw();
    const context = { getRemainingTimeInMillis: () => killedAt - scheduler.now };
    void this.#run(invocation, event, context, timer);
    return invocation;
  }

  /** Ends the environment where it stands. */
  crash(): void {
    if (this.dead) return;
    this.dead = true;
    this.#due = [];
    this.world.trace(`${this.name} crash`);
    if (this.invocation) this.#answer(undefined);
  }

  /** Runs something of the function's own, now or when the environment is thawed. */
  resume(run: () => void): void {
    if (this.dead) return;
    if (this.#frozen) {
      this.world.rare("environment frozen in the middle of a call");
      this.#due.push(run);
    } else {
      setRunning(this);
      run();
    }
  }

  async #run(invocation: Invocation, event: object, context: Context, timer: Scheduled): Promise<void> {
    let answer: unknown;
    try {
      answer = await this.#handler(event, context);
    } catch {
      this.world.rare("function that threw");
      invocation.troubles++;
    }
    if (this.dead || this.invocation !== invocation) return;
    this.world.scheduler.cancel(timer);
    this.#answer(answer);
  }

  #thaw(): void {
    setRunning(this);
    this.#frozen = false;
    const due = this.#due;
    this.#due = [];
    if (due.length > 0) this.world.rare("environment thawed in the middle of a call");
    for (const run of due) run();
  }

  #answer(answer: unknown): void {
    const { invocation } = this;
    const answered = this.#answered;
    this.invocation = undefined;
    this.#answered = undefined;
    this.#frozen = true;
    this.#frozenAt = this.world.scheduler.now;
    if (invocation && answered) answered(invocation, answer);
  }
}
