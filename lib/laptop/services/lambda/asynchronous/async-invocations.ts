import { randomUUID } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import type { FoundFunction } from "../functions/function-lookup.ts";
import type { AsyncConfig } from "../plan.ts";
import type { InvocationResult } from "../functions/function-config.ts";

/** Lambda's own defaults and waits. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const DEFAULT_RETRIES = 2;
const DEFAULT_AGE_SECONDS = 6 * 60 * 60;
/** Before the first and the second retry of an event that the function failed on. */
const RETRY_SECONDS = [60, 120];
/** Before an event comes again that was throttled, growing twofold. */
const THROTTLED_SECONDS = { first: 1, longest: 5 * 60 };

/** How an asynchronous invocation ended, after all its attempts. */
export interface EndedInvocation {
  readonly target: FoundFunction;
  readonly config: AsyncConfig;
  readonly requestId: string;
  readonly payload: unknown;
  readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded";
  /** Attempts made. */
  readonly attempts: number;
  /** The last of them. */
  readonly result: InvocationResult;
}

/** An event that waits for its turn. */
interface QueuedEvent {
  readonly target: FoundFunction;
  readonly config: AsyncConfig;
  readonly requestId: string;
  readonly payload: unknown;
  /** Epoch milliseconds. */
  readonly acceptedAt: number;
}

/**
 * Invokes functions for those who do not wait for a result: an event is accepted at once, tried again after a failure as Lambda
 * does, and in the end handed to whom its function's configuration names. Events live in memory: those that wait when the cloud
 * stops are gone.
 */
export class AsyncInvocations {
  readonly #clock: Clock;
  readonly #onEnd: (ended: EndedInvocation) => Promise<void>;
  readonly #onChange: () => void;
  /** All that have been accepted, and the end of each. */
  readonly #events = new Map<QueuedEvent, Promise<void>>();
  /** Wake those that wait for their next attempt. */
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  /**
   * @param onEnd is told of every event's end, and resolves when that has been passed on; it does not reject
   * @param onChange is called when an event has ended or begins to wait
   */
  constructor(clock: Clock, onEnd: (ended: EndedInvocation) => Promise<void>, onChange: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#onChange = onChange;
  }

  /** Accepts an event. @returns the request id that all its attempts carry */
  accept(target: FoundFunction, payload: unknown): string {
    const requestId = randomUUID();
    const config = target.deployed.asyncConfigs.get(target.qualifier) ?? {};
    const event = { target, config, requestId, payload, acceptedAt: this.#clock.now() };
    this.#events.set(event, this.#handle(event));
    return requestId;
  }

  /** The events that have not ended, a line per function. */
  remaining(): string[] {
    const byFunction = Map.groupBy(this.#events.keys(), ({ target }) => target.deployed.config.name);
    return [...byFunction].map(
      ([name, events]) => `${name} has ${events.length} asynchronous events to handle or to try again`,
    );
  }

  /** Makes the attempts that wait for their time due at once. */
  skipWaits(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Gives up what waits; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.skipWaits();
    await Promise.all(this.#events.values());
  }

  async #handle(event: QueuedEvent): Promise<void> {
    const ended = await this.#run(event);
    if (ended !== undefined) await this.#onEnd(ended);
    this.#events.delete(event);
    this.#onChange();
  }

  /** Invokes until an event has ended; undefined where the cloud has stopped before. */
  async #run(event: QueuedEvent): Promise<EndedInvocation | undefined> {
    const { target, config, requestId, payload } = event;
    const { invokedArn, version, deployed } = target;
    const { maximumRetries = DEFAULT_RETRIES } = config;
    let attempts = 0;
    for (let throttled = 0; !this.#stopped;) {
      const result = await deployed.sandbox.invoke(payload, { requestId, invokedArn, version });
      const wasThrottled = !result.ok && result.reason === "throttled";
      if (!wasThrottled) attempts += 1;
      const ended = { target, config, requestId, payload, attempts, result };
      if (result.ok) return { ...ended, condition: "Success" };
      if (this.#stopped) return undefined;
      if (attempts > maximumRetries) return { ...ended, condition: "RetriesExhausted" };
      const seconds = wasThrottled ? throttledSeconds(throttled++) : RETRY_SECONDS[attempts - 1]!;
      if (this.#clock.now() + seconds * 1_000 > givenUpAt(event)) return { ...ended, condition: "EventAgeExceeded" };
      await this.#pause(seconds);
    }
    return undefined;
  }

  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(seconds * 1_000, wake);
      this.#waiting.add(wake);
      this.#onChange();
    });
  }
}

function throttledSeconds(before: number): number {
  return Math.min(THROTTLED_SECONDS.first * 2 ** before, THROTTLED_SECONDS.longest);
}

/** When an event is too old to be tried, in epoch milliseconds. */
function givenUpAt({ acceptedAt, config: { maximumAgeSeconds = DEFAULT_AGE_SECONDS } }: QueuedEvent): number {
  return acceptedAt + maximumAgeSeconds * 1_000;
}
