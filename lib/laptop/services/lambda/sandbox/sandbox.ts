import { randomUUID } from "node:crypto";
import type { Activity } from "../../../shared/activity.ts";
import { joinLines } from "../../../shared/errors.ts";
import type { FunctionConfig, InvocationOptions, InvocationResult } from "../functions/function-config.ts";
import type { AnswerCall } from "../../context.ts";
import { ExecutionEnvironment } from "./environment.ts";
import { oneLine } from "./errors.ts";
import type { Failure } from "./results.ts";

/** An invocation that waits for an environment. */
interface Job {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  readonly invokedArn: string;
  readonly version: string;
  readonly settle: (result: InvocationResult) => void;
  /** `performance.now()` when the handler began; if it never did, when the invocation came. */
  startedAt: number;
}

/** What a function has done since its sandbox was made. */
export interface FunctionStats {
  readonly invocations: number;
  /** Invocations that did not end in a result; throttled ones were never run and are not among them. */
  readonly errors: number;
  readonly throttles: number;
  /** The last error in one line. */
  readonly lastError?: string;
}

/**
 * Environments of one function at the most. Lambda would start a thousand; here one costs about 20 MB, and fewer keep the
 * cores of a laptop busy. Invocations beyond it wait for a free one.
 */
const MOST_ENVIRONMENTS = 10;

/** How long an environment that is not needed stays. The last one used always stays, so that the next event meets a warm start. */
const SPARE_SECONDS = 20;

/** Longest error in an activity entry, in UTF-16 code units. */
const LONGEST_ERROR = 1_000;

/**
 * Runs one function's deployed bundle as Lambda does: in execution environments (here worker threads) that run one
 * invocation at a time, start on demand and keep their module state from one invocation to the next.
 */
export class FunctionSandbox {
  readonly #config: FunctionConfig;
  readonly #onActivity: (activity: Activity) => void;
  readonly #answer: AnswerCall | undefined;
  readonly #environments = new Set<ExecutionEnvironment>();
  /** Those whose threads could not be ended. */
  readonly #givenUp = new Set<ExecutionEnvironment>();
  /** Those among them that run replaced code and end with their invocation. */
  readonly #retired = new WeakSet<ExecutionEnvironment>();
  /** Free ones; the most recently used is last. */
  #idle: { readonly environment: ExecutionEnvironment; readonly since: number }[] = [];
  readonly #waiting: Job[] = [];
  #stats: FunctionStats = { invocations: 0, errors: 0, throttles: 0 };
  #running = 0;
  #stopped = false;
  #spareTimer: NodeJS.Timeout | undefined;

  /** `answer` carries out calls of AWS that come over the link; absent, they go through sockets. */
  constructor(config: FunctionConfig, onActivity: (activity: Activity) => void, answer?: AnswerCall) {
    this.#answer = answer;
    this.#config = config;
    this.#onActivity = onActivity;
  }

  /** Invocations that have come and are not answered yet, those that wait for a cold start among them. */
  get running(): number {
    return this.#running;
  }

  /** Execution environments alive: starting, busy or idle. */
  get environments(): number {
    return this.#environments.size;
  }

  /** Threads that could not be ended: they end with this process. */
  get threadsGivenUp(): number {
    return this.#givenUp.size;
  }

  get stats(): FunctionStats {
    return this.#stats;
  }

  /**
   * Invokes the function and waits for its end. Event and result cross as JSON, as in Lambda.
   *
   * @param event a JSON value
   * @returns never rejects: whatever goes wrong is in the result
   */
  async invoke(event: unknown, options: InvocationOptions = {}): Promise<InvocationResult> {
    const { requestId = randomUUID(), invokedArn = this.#config.arn, version = "$LATEST" } = options;
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.#report(requestId, event, 0, refusal);
      return refusal;
    }
    const text = jsonOf(event);
    if (text === undefined) return NESTED_TOO_DEEPLY;
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    const job: Job = {
      requestId,
      event: text,
      invokedArn,
      version,
      settle: resolve,
      startedAt: performance.now(),
    };
    this.#running += 1;
    this.#waiting.push(job);
    this.#dispatch();
    const result = await promise;
    this.#running -= 1;
    this.#report(requestId, event, performance.now() - job.startedAt, result);
    return result;
  }

  /** The bundle has changed: what is invoked from now on runs the new code; what runs now ends on the old. */
  replaceCode(): void {
    const idle = new Set(this.#idle.map(({ environment }) => environment));
    this.#idle = [];
    for (const environment of this.#environments) {
      this.#retired.add(environment);
      if (environment.starting || idle.has(environment)) void environment.stop();
    }
    this.#dispatch();
  }

  /** Ends one environment in the middle of what it does, a busy one where there is one. @returns false where none was alive. */
  crash(): boolean {
    const idle = new Set(this.#idle.map(({ environment }) => environment));
    const alive = [...this.#environments].filter(({ usable }) => usable);
    const victim = alive.find((environment) => !environment.starting && !idle.has(environment)) ?? alive[0];
    void victim?.stop();
    return victim !== undefined;
  }

  /** Ends every invocation and environment; resolves when they are gone. Later invocations are throttled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#spareTimer);
    for (const job of this.#waiting.splice(0)) job.settle(this.#throttled("is stopped"));
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
  }

  #refusal(): Failure | undefined {
    if (this.#stopped) return this.#throttled("is stopped");
    const { reservedConcurrency = Infinity } = this.#config;
    if (this.#running < reservedConcurrency) return undefined;
    return this.#throttled(`has ${this.#running} invocations running and a reserved concurrency of ${reservedConcurrency}`);
  }

  #throttled(why: string): Failure {
    const errorMessage = `Rate Exceeded: ${this.#config.name} ${why}`;
    return { ok: false, reason: "throttled", errorType: "TooManyRequestsException", errorMessage };
  }

  /**
   * Gives waiting invocations to free environments and starts more where they do not suffice. A new one is bound to no
   * invocation: a busy one that gets free before the cold start is over takes the next in line.
   */
  #dispatch(): void {
    for (let environment = this.#nextIdle(); environment !== undefined; environment = this.#nextIdle()) {
      const job = this.#waiting.shift()!;
      void this.#run(environment, job);
    }
    const starting = [...this.#environments].filter((environment) => environment.starting && environment.usable).length;
    for (let missing = this.#waiting.length - starting; missing > 0; missing -= 1) {
      if (this.#stopped || this.#environments.size + this.#givenUp.size >= MOST_ENVIRONMENTS) break;
      this.#start();
    }
    if (this.#givenUp.size >= MOST_ENVIRONMENTS) for (const job of this.#waiting.splice(0)) job.settle(this.#unavailable());
  }

  /** As with a host of Lambda's that is lost, the function cannot be begun. */
  #unavailable(): Failure {
    const { name } = this.#config;
    const errorMessage = `all ${MOST_ENVIRONMENTS} threads of ${name} wait inside the operating system and do not end: restart the laptop cloud`;
    return { ok: false, reason: "init", errorType: "Runtime.Unavailable", errorMessage };
  }

  /** The most recently used free environment, if an invocation waits for one. */
  #nextIdle(): ExecutionEnvironment | undefined {
    while (this.#waiting.length > 0) {
      const last = this.#idle.pop();
      if (last === undefined || last.environment.usable) return last?.environment;
    }
    return undefined;
  }

  async #run(environment: ExecutionEnvironment, job: Job): Promise<void> {
    job.startedAt = performance.now();
    const result = await environment.run(job);
    job.settle(result);
    if (this.#retired.has(environment)) void environment.stop();
    else if (environment.usable) this.#release(environment);
  }

  #start(): void {
    try {
      const owner = {
        onReady: (ready: ExecutionEnvironment) => this.#release(ready),
        onGone: (gone: ExecutionEnvironment, initFailure?: Failure) => this.#forget(gone, initFailure),
        onLine: (line: string, requestId?: string) => this.#log(line, requestId),
        onEndedLate: (ended: ExecutionEnvironment) => this.#givenUp.delete(ended),
      };
      const environment = new ExecutionEnvironment(this.#config, owner, this.#answer);
      this.#environments.add(environment);
    } catch (error) {
      const errorMessage = `no worker thread could be started for ${this.#config.name}: ${oneLine(error)}`;
      this.#waiting.shift()?.settle({ ok: false, reason: "init", errorType: "Runtime.InvalidEnvironment", errorMessage });
    }
  }

  #release(environment: ExecutionEnvironment): void {
    this.#idle.push({ environment, since: performance.now() });
    this.#dispatch();
    if (this.#idle.length > 1) this.#spareTimer ??= this.#watchSpares();
  }

  #forget(environment: ExecutionEnvironment, initFailure: Failure | undefined): void {
    this.#environments.delete(environment);
    if (environment.givenUp) this.#givenUp.add(environment);
    this.#idle = this.#idle.filter((idle) => idle.environment !== environment);
    if (initFailure !== undefined) this.#waiting.shift()?.settle(initFailure);
    this.#dispatch();
  }

  #watchSpares(): NodeJS.Timeout {
    return setTimeout(() => this.#stopSpares(), SPARE_SECONDS * 1000).unref();
  }

  #stopSpares(): void {
    const longAgo = performance.now() - SPARE_SECONDS * 1000;
    const spare = this.#idle.slice(0, -1).filter(({ since }) => since <= longAgo);
    this.#idle = this.#idle.filter((idle) => !spare.includes(idle));
    for (const { environment } of spare) void environment.stop();
    this.#spareTimer = this.#idle.length > 1 ? this.#watchSpares() : undefined;
  }

  #log(line: string, requestId: string | undefined): void {
    const entry = { kind: "log", time: Date.now(), function: this.#config.name, line } as const;
    this.#onActivity(requestId === undefined ? entry : { ...entry, requestId });
  }

  #report(requestId: string, event: unknown, durationMilliseconds: number, result: InvocationResult): void {
    const { invocations, errors, throttles } = this.#stats;
    const name = this.#config.name;
    const entry = { kind: "invocation", time: Date.now(), function: name, requestId, records: recordCount(event) } as const;
    if (result.ok) {
      this.#stats = { ...this.#stats, invocations: invocations + 1 };
      this.#onActivity({ ...entry, durationMilliseconds, outcome: "ok" });
      return;
    }
    const text = `${result.errorType}: ${result.errorMessage}`.slice(0, 2 * LONGEST_ERROR);
    const error = joinLines(text).slice(0, LONGEST_ERROR);
    this.#stats =
      result.reason === "throttled"
        ? { ...this.#stats, throttles: throttles + 1 }
        : { ...this.#stats, invocations: invocations + 1, errors: errors + 1, lastError: error };
    this.#onActivity({ ...entry, durationMilliseconds, outcome: result.reason, error });
  }
}

/** What comes of an event that JSON.parse has read and JSON.stringify has not stack enough to write. */
const NESTED_TOO_DEEPLY: Failure = {
  ok: false,
  reason: "handled",
  errorType: "Runtime.UnmarshalError",
  errorMessage: "the event is nested too deeply",
};

/** An event as JSON; undefined where it is nested too deeply. */
function jsonOf(event: unknown): string | undefined {
  try {
    return JSON.stringify(event) ?? "null";
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Records of a batch; 0 for an event that is no batch. */
function recordCount(event: unknown): number {
  if (typeof event !== "object" || event === null || !("Records" in event)) return 0;
  return Array.isArray(event.Records) ? event.Records.length : 0;
}
