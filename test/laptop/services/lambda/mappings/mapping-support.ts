import { vi } from "vitest";
import { EventSourceMapping, type MappingConfig } from "#lib/laptop/services/lambda/mappings/event-source-mapping.ts";
import type { SqsEvent, SqsRecord } from "#lib/laptop/services/lambda/mappings/sqs-event.ts";
import type { Activity } from "#lib/laptop/shared/activity.ts";
import type { InvocationResult } from "#lib/laptop/services/lambda/functions/function-config.ts";
import type { ReceivedMessage, SourceQueue } from "#lib/laptop/services/source-queue.ts";
import { cleanUps } from "../sandbox/sandbox-support.ts";

/** A queue in memory. What is received stays invisible for good; FIFO groups are the real engine's business. */
export class MemoryQueue implements SourceQueue {
  readonly arn = "arn:aws:sqs:eu-west-1:000000000000:orders";
  readonly fifo: boolean;
  readonly ready: ReceivedMessage[] = [];
  /** Message ids, in the order of their deletion. */
  readonly deleted: string[] = [];
  #sent = 0;
  #arrival = Promise.withResolvers<void>();

  constructor(fifo = false) {
    this.fifo = fifo;
  }

  /** Sends messages; their ids are m1, m2, ... and their receipt handles r-m1, r-m2, ... */
  send(...bodies: string[]): void {
    for (const body of bodies) {
      const messageId = `m${(this.#sent += 1)}`;
      this.ready.push({
        messageId,
        receiptHandle: `r-${messageId}`,
        body,
        md5OfBody: "d41d8cd98f00b204e9800998ecf8427e",
        attributes: { ApproximateReceiveCount: "1" },
        messageAttributes: {},
      });
    }
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers();
  }

  async receive(maximum: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
    });
    while (!signal.aborted) {
      if (this.ready.length > 0) return this.ready.splice(0, maximum);
      await Promise.race([this.#arrival.promise, aborted]);
    }
    return [];
  }

  acknowledge(receiptHandles: readonly string[]): void {
    this.deleted.push(...receiptHandles.map((handle) => handle.replace(/^r-/, "")));
  }
}

/** An invocation of the function that the test answers. */
export interface HeldInvocation {
  readonly records: readonly SqsRecord[];
  readonly ids: readonly string[];
  answer(result: InvocationResult): void;
  /** Answers with success and this payload. */
  succeed(payload?: unknown): void;
}

/** A function of which the test sees every invocation, and decides when and how it ends. */
export class HeldFunction {
  readonly invocations: HeldInvocation[] = [];
  #released = false;

  /** From now on every invocation, past and to come, ends well. */
  release(): void {
    this.#released = true;
    for (const invocation of this.invocations) invocation.succeed();
  }

  invoke({ Records }: SqsEvent): Promise<InvocationResult> {
    if (this.#released) return Promise.resolve({ ok: true, payload: null });
    return new Promise((answer) => {
      const succeed = (payload: unknown = null): void => answer({ ok: true, payload });
      this.invocations.push({ records: Records, ids: Records.map(({ messageId }) => messageId), answer, succeed });
    });
  }

  /** The message ids of each invocation. */
  get batches(): (readonly string[])[] {
    return this.invocations.map(({ ids }) => ids);
  }
}

export const failed: InvocationResult = { ok: false, reason: "handled", errorType: "Error", errorMessage: "no" };
export const throttled: InvocationResult = {
  ok: false,
  reason: "throttled",
  errorType: "TooManyRequestsException",
  errorMessage: "Rate",
};

/** A mapping's settings where a test has no wish of its own. */
export const defaults: MappingConfig = {
  functionName: "orders-consumer",
  batchSize: 10,
  windowSeconds: 0,
  reportBatchItemFailures: false,
  visibilityTimeoutSeconds: 30,
};

/** A mapping that has begun to receive, between a queue and a function of the test. */
export function mappingOf(settings: Partial<MappingConfig> = {}, queue: SourceQueue = new MemoryQueue()) {
  const held = new HeldFunction();
  const notices: string[] = [];
  const mapping = new EventSourceMapping({ ...defaults, ...settings }, queue, held, (activity: Activity) => {
    if (activity.kind === "notice") notices.push(activity.line);
  });
  mapping.start();
  cleanUps.push(() => {
    held.release();
    return mapping.stop();
  });
  return { mapping, function: held, notices };
}

/** Lets everything that is due happen: promises, and what arrives in the next turns of the event loop. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

/** Waits until an expectation holds, looking often: what these tests wait for is a few turns of the event loop away. */
export function eventually(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, { interval: 2, timeout: 5_000 });
}

/** Message bodies, numbered. */
export function bodies(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => `body ${from + index}`);
}
