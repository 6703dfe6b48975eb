import { availableParallelism } from "node:os";
import { readBatchResponse } from "./batch-response.ts";
import { checkMapping, type MappingConfig } from "./config.ts";
import { queueRecordPasses } from "./filter-criteria.ts";
import { cutIntoPayloads, fillsPayload } from "./payload.ts";
import { sqsEvent } from "./sqs-event.ts";
import { delay, openWindow } from "./timing.ts";
import { oneLine } from "../sandbox/errors.ts";
import type { FunctionSandbox } from "../sandbox/sandbox.ts";
import type { Activity } from "../../../shared/activity.ts";
import type { InvocationResult } from "../functions/function-config.ts";
import type { ReceivedMessage, SourceQueue } from "../../source-queue.ts";

export type { MappingConfig } from "./config.ts";

/** Messages of one receive. AWSSimpleQueueService, API_ReceiveMessage */
const RECEIVE_MAXIMUM = 10;

/**
 * Batches at once where the template does not set fewer. Lambda starts with 5; on a laptop every batch needs a worker thread
 * (about 20 MB), and more of them than cores only make for smaller batches. 2 is the least that Lambda's own
 * MaximumConcurrency allows, so that a service meets itself running twice here as it will there.
 */
const CONCURRENT_BATCHES = Math.min(5, Math.max(2, availableParallelism()));

/** First and longest pause before a throttled batch is tried again, in milliseconds. */
const BACKOFF_MILLISECONDS = { first: 100, longest: 5_000 };

/**
 * First and longest pause in receiving after the function's process has ended time and again, in milliseconds. Lambda too feeds a
 * failing function less (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, "Backoff strategy"); here it
 * keeps one that always ends from spending on cold starts the cores that the others need.
 */
const ENDED_MILLISECONDS = { first: 50, longest: 1_000 };

/**
 * A throttled batch is given up when less than this part of its visibility timeout is left: by AWS's rule that the timeout is six
 * times the function's, that is what one run may take. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const RUN_PER_VISIBILITY = 1 / 6;

/**
 * Drains one SQS queue into one function by Lambda's rules for batch size, window, concurrency, partial failures and
 * throttling. One loop receives, and only while an invocation slot is free: a message on an idle queue goes to the function
 * at once, and under load messages gather in the queue and leave it in full batches.
 */
export class EventSourceMapping {
  readonly #config: MappingConfig;
  readonly #queue: SourceQueue;
  readonly #sandbox: Pick<FunctionSandbox, "invoke">;
  readonly #onActivity: (activity: Activity) => void;
  readonly #concurrency: number;
  /** Receipt handles of the messages that are received and not settled. */
  readonly #processing = new Set<string>();
  readonly #batches = new Set<Promise<void>>();
  #gathering = false;
  /** Invocations in a row that ended the function's process. */
  #ended = 0;
  #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  /**
   * @param onActivity is told, in one line each, of what a person should know: a malformed answer, a batch given up
   * @throws RangeError for a setting that Lambda refuses
   */
  constructor(
    config: MappingConfig,
    queue: SourceQueue,
    sandbox: Pick<FunctionSandbox, "invoke">,
    onActivity: (activity: Activity) => void = () => {},
  ) {
    checkMapping(config, queue.fifo);
    this.#config = config;
    this.#queue = queue;
    this.#sandbox = sandbox;
    this.#onActivity = onActivity;
    this.#concurrency = Math.min(config.maximumConcurrency ?? CONCURRENT_BATCHES, CONCURRENT_BATCHES);
  }

  /** Batches that are being gathered or run. */
  get active(): number {
    return this.#batches.size + (this.#gathering ? 1 : 0);
  }

  /** Whether a message is in a batch that is being gathered or run, as against one that waits for its visibility timeout. */
  isProcessing(receiptHandle: string): boolean {
    return this.#processing.has(receiptHandle);
  }

  /** Begins to receive; does nothing when it has begun. */
  start(): void {
    if (this.#loop !== undefined) return;
    this.#stopping = new AbortController();
    this.#loop = this.#receive(this.#stopping.signal);
  }

  /** Receives no more, hands over what is gathered, and resolves when the running invocations have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#batches);
    this.#loop = undefined;
  }

  async #receive(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      if (this.#batches.size >= this.#concurrency) {
        await Promise.race(this.#batches);
        continue;
      }
      if (this.#ended > 0) await delay(pauseAfterEnds(this.#ended), stopping);
      const messages = await this.#gather(stopping);
      if (messages.length > 0) this.#launch(messages, stopping);
    }
  }

  #launch(messages: readonly ReceivedMessage[], stopping: AbortSignal): void {
    const batch = this.#handle(messages, stopping).finally(() => {
      for (const { receiptHandle } of messages) this.#processing.delete(receiptHandle);
      this.#batches.delete(batch);
    });
    this.#batches.add(batch);
  }

  /** Waits for a first message and then, until the window ends, for more. Without a window: what arrives in the same turn of the event loop. */
  async #gather(stopping: AbortSignal): Promise<readonly ReceivedMessage[]> {
    const messages = await this.#take(this.#config.batchSize, stopping);
    if (messages.length === 0) return messages;
    this.#gathering = true;
    const window = openWindow(this.#config.windowSeconds, stopping);
    while (messages.length < this.#config.batchSize && !fillsPayload(messages) && !window.closed.aborted) {
      messages.push(...(await this.#take(this.#config.batchSize - messages.length, window.closed)));
    }
    window.close();
    this.#gathering = false;
    return messages;
  }

  async #take(maximum: number, until: AbortSignal): Promise<ReceivedMessage[]> {
    try {
      const messages = this.#filtered(await this.#queue.receive(Math.min(maximum, RECEIVE_MAXIMUM), until));
      for (const { receiptHandle } of messages) this.#processing.add(receiptHandle);
      return messages;
    } catch (error) {
      this.#notice(`cannot receive from ${this.#queue.arn}, trying again: ${oneLine(error)}`);
      await delay(BACKOFF_MILLISECONDS.longest, until);
      return [];
    }
  }

  /** Messages that the filters let through. The others are deleted, as Lambda does: nobody else is meant to see them. */
  #filtered(messages: ReceivedMessage[]): ReceivedMessage[] {
    const { filters = [] } = this.#config;
    if (filters.length === 0) return messages;
    const { Records: records } = sqsEvent(this.#queue, messages);
    const unwanted = new Set(records.filter((record) => !queueRecordPasses(record, filters)).map((it) => it.receiptHandle));
    if (unwanted.size > 0) this.#queue.acknowledge([...unwanted]);
    return messages.filter(({ receiptHandle }) => !unwanted.has(receiptHandle));
  }

  /** Runs a batch, in several invocations one after the other if one payload cannot hold it; a FIFO queue's ends at the first failure. */
  async #handle(messages: readonly ReceivedMessage[], stopping: AbortSignal): Promise<void> {
    const receivedAt = performance.now();
    for (const part of cutIntoPayloads(messages)) {
      const result = await this.#invoke(part, receivedAt, stopping);
      const handled = this.#handledOf(part, result);
      if (handled.length > 0) this.#queue.acknowledge(handled.map(({ receiptHandle }) => receiptHandle));
      if (this.#queue.fifo && handled.length < part.length) return;
    }
  }

  /** Invokes the function; while it is throttled, again with a growing pause for as long as the messages are sure to stay invisible. */
  async #invoke(part: readonly ReceivedMessage[], receivedAt: number, stopping: AbortSignal): Promise<InvocationResult> {
    const event = sqsEvent(this.#queue, part);
    const lastStart = receivedAt + this.#config.visibilityTimeoutSeconds * 1000 * (1 - RUN_PER_VISIBILITY);
    for (let pause = BACKOFF_MILLISECONDS.first; ; pause = Math.min(pause * 2, BACKOFF_MILLISECONDS.longest)) {
      const result = await this.#sandbox.invoke(event);
      this.#ended = endedProcess(result) ? this.#ended + 1 : 0;
      if (result.ok || result.reason !== "throttled") return result;
      if (stopping.aborted || performance.now() + pause > lastStart) {
        this.#notice(`throttled, so ${goes(part.length)} back to the queue, one receive spent: ${result.errorMessage}`);
        return result;
      }
      await delay(pause, stopping);
    }
  }

  #handledOf(part: readonly ReceivedMessage[], result: InvocationResult): readonly ReceivedMessage[] {
    if (!result.ok) return [];
    if (!this.#config.reportBatchItemFailures) return part;
    const outcome = readBatchResponse(result.payload, part);
    if (outcome.kind === "settled") return outcome.handled;
    this.#notice(`${outcome.why}; all ${part.length} messages of the batch count as failed`);
    return [];
  }

  #notice(what: string): void {
    this.#onActivity({ kind: "notice", time: Date.now(), line: `${this.#config.functionName}: ${what}` });
  }
}

function endedProcess(result: InvocationResult): boolean {
  return !result.ok && result.reason !== "throttled" && result.reason !== "handled";
}

/** Milliseconds to receive nothing after so many ends of the process in a row. */
function pauseAfterEnds(ends: number): number {
  return Math.min(ENDED_MILLISECONDS.longest, ENDED_MILLISECONDS.first * 2 ** (ends - 1));
}

function goes(messages: number): string {
  return messages === 1 ? "1 message goes" : `${messages} messages go`;
}
