import type { StreamRecord } from "../../dynamodb/streams/table-stream.ts";
import type { InvocationResult } from "../functions/function-config.ts";
import { readBatchResponse } from "./batch-response.ts";
import type { StreamMappingConfig } from "./stream-config.ts";
import { arrivedAt, failureRecord, sequenceNumber, type GivenUp } from "./stream-failure.ts";
import { delay } from "./timing.ts";

/** First and longest pause before a batch is tried again, in milliseconds. */
const BACKOFF_MILLISECONDS = { first: 100, longest: 5_000 };

/** Payload of one synchronous invocation. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const PAYLOAD_BYTES = 6 * 1_024 * 1_024;

/** What a batch is delivered through. */
export interface StreamBatchPorts {
  readonly functionArn: string;
  readonly invoke: (event: unknown) => Promise<InvocationResult>;
  /** Tells a destination of a batch that is given up. */
  readonly send: (destinationArn: string, record: unknown) => Promise<void>;
  /** Told, in one line each, of what a person should know. */
  readonly onNotice: (line: string) => void;
}

/** Records that are still to be handled together, and how often they have been tried. */
interface Part {
  readonly records: readonly StreamRecord[];
  readonly attempts: number;
}

/** Delivers one batch of a stream: retries it, cuts it in two, or gives it up, as its mapping says. */
export class StreamBatch {
  readonly #config: StreamMappingConfig;
  readonly #ports: StreamBatchPorts;
  #pause = new AbortController();

  constructor(config: StreamMappingConfig, ports: StreamBatchPorts) {
    this.#config = config;
    this.#ports = ports;
  }

  /** Makes a retry that waits due at once. */
  skipWaits(): void {
    this.#pause.abort();
  }

  /** Resolves when every record is handled or given up: true; or when stopped before: false. */
  async deliver(records: readonly StreamRecord[], stopping: AbortSignal): Promise<boolean> {
    const parts: Part[] = cutIntoPayloads(records).map((part) => ({ records: part, attempts: 0 }));
    let pause = BACKOFF_MILLISECONDS.first;
    while (parts.length > 0) {
      if (stopping.aborted) return false;
      const [part] = parts.splice(0, 1);
      if (!part) break;
      const result = await this.#ports.invoke({ Records: part.records.map((record) => this.#withSource(record)) });
      const rest = this.#unhandled(part.records, result);
      if (rest.length === 0) {
        pause = BACKOFF_MILLISECONDS.first;
        continue;
      }
      const throttled = !result.ok && result.reason === "throttled";
      const next = throttled ? [part] : await this.#afterFailure(part, rest, result);
      parts.unshift(...next);
      if (next.length === 0) continue;
      await this.#wait(pause, stopping);
      pause = Math.min(pause * 2, BACKOFF_MILLISECONDS.longest);
    }
    return true;
  }

  #withSource(record: StreamRecord): StreamRecord & { readonly eventSourceARN: string } {
    return { ...record, eventSourceARN: this.#config.streamArn };
  }

  /** The records from the first one on that is not handled: order is kept, so what follows a failure counts as failed too. */
  #unhandled(records: readonly StreamRecord[], result: InvocationResult): readonly StreamRecord[] {
    if (!result.ok) return records;
    if (!this.#config.reportBatchItemFailures) return [];
    const identified = records.map((record) => ({ messageId: sequenceNumber(record), record }));
    const outcome = readBatchResponse(result.payload, identified);
    if (outcome.kind === "malformed") {
      this.#ports.onNotice(`${outcome.why}; all ${records.length} records of the batch count as failed`);
      return records;
    }
    const handled = new Set(outcome.handled.map(({ record }) => record));
    const first = records.findIndex((record) => !handled.has(record));
    return first < 0 ? [] : records.slice(first);
  }

  /** What is to be tried again after a failure; what is given up goes to the destination. */
  async #afterFailure(part: Part, rest: readonly StreamRecord[], result: InvocationResult): Promise<Part[]> {
    const { bisectOnError, maximumAgeSeconds, maximumRetries } = this.#config;
    // A batch of which something was handled is a new one: it begins at the record that failed.
    const attempts = rest.length < part.records.length ? 0 : part.attempts + 1;
    const oldest = maximumAgeSeconds < 0 ? 0 : Date.now() - maximumAgeSeconds * 1_000;
    const young = rest.filter((record) => arrivedAt(record) >= oldest);
    const old = rest.slice(0, rest.length - young.length);
    if (old.length > 0) await this.#giveUp(old, "RecordAgeExceeded", part.attempts + 1, result);
    if (young.length === 0) return [];
    // Cutting in two spends no retry.
    if (bisectOnError && young.length > 1) return halves(young).map((records) => ({ records, attempts: part.attempts }));
    if (maximumRetries >= 0 && attempts > maximumRetries) {
      await this.#giveUp(young, "RetryAttemptsExhausted", attempts, result);
      return [];
    }
    return [{ records: young, attempts }];
  }

  async #giveUp(
    records: readonly StreamRecord[],
    condition: GivenUp,
    attempts: number,
    result: InvocationResult,
  ): Promise<void> {
    const { functionName, onFailure } = this.#config;
    const { functionArn, onNotice, send } = this.#ports;
    const what = `${records.length} records of its stream given up (${condition})`;
    if (onFailure === undefined) return onNotice(`${what}, with no destination to tell`);
    try {
      await send(onFailure, failureRecord(this.#config, functionArn, records, { condition, attempts, result }));
      onNotice(`${what}; ${onFailure} is told`);
    } catch (error) {
      onNotice(`${what}; ${onFailure} cannot be told by ${functionName}: ${String(error)}`);
    }
  }

  async #wait(milliseconds: number, stopping: AbortSignal): Promise<void> {
    this.#pause = new AbortController();
    await delay(milliseconds, AbortSignal.any([this.#pause.signal, stopping]));
  }
}

function halves<Item>(items: readonly Item[]): [readonly Item[], readonly Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** Cuts records into runs that fit into one payload each, in their order; nearly always there is one. */
function cutIntoPayloads(records: readonly StreamRecord[]): StreamRecord[][] {
  const payloads: StreamRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record));
    bytes += size;
    const current = payloads.at(-1);
    if (current !== undefined && bytes <= PAYLOAD_BYTES) {
      current.push(record);
    } else {
      payloads.push([record]);
      bytes = size;
    }
  }
  return payloads;
}
