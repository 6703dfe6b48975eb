import { messageOf } from "../../../shared/errors.ts";
import { passes } from "./filter-criteria.ts";
import { StreamBatch, type StreamBatchPorts } from "./stream-batch.ts";
import { checkStreamMapping, type StreamMappingConfig } from "./stream-config.ts";
import { sequenceNumber } from "./stream-failure.ts";
import { delay, openWindow } from "./timing.ts";
import type { StreamPage, StreamRecord } from "../../dynamodb/streams/table-stream.ts";
import type { WriteSignal } from "../../dynamodb/streams/write-signal.ts";

/** Records of one read. API reference, GetRecords */
const READ_MAXIMUM = 1_000;

/** Between tries to read from a stream that cannot be read, in milliseconds. */
const PAUSE_MILLISECONDS = 1_000;

/**
 * Between a write and the read that it leads to, in milliseconds: at least the first, at most the second, which is Lambda's interval, and
 * else ten times what the last read took. The engine takes one call after another, and longer to read a long stream.
 */
const READ_PAUSE_MILLISECONDS = [20, 250] as const;

/** The stream that a mapping reads. */
export interface RecordSource {
  /** Tells when there may be something to read. */
  readonly writes: WriteSignal;
  read(iterator: string, limit: number): Promise<StreamPage>;
}

export interface StreamMappingPorts extends StreamBatchPorts {
  readonly source: RecordSource;
  /** Remembers the record up to which all is done. */
  readonly onProgress: (sequenceNumber: string) => void;
  /** Called when what is left to do may have changed. */
  readonly onChange: () => void;
}

/**
 * Feeds a function with the changes of a table by Lambda's rules for streams: in order, a batch at a time, and a batch that fails
 * holds up all that come after it. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
export class StreamMapping {
  readonly #config: StreamMappingConfig;
  readonly #ports: StreamMappingPorts;
  #iterator: string;
  /** Writes that had been made when the stream was last found to have nothing more. */
  #readUpTo = -1;
  #batch: StreamBatch | undefined;
  #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  /**
   * @param iterator where in the stream to begin
   * @throws RangeError for a setting that Lambda refuses
   */
  constructor(config: StreamMappingConfig, iterator: string, ports: StreamMappingPorts) {
    checkStreamMapping(config);
    this.#config = config;
    this.#iterator = iterator;
    this.#ports = ports;
  }

  /** Whether all that was written before has been read, and handed over; also where it is stopped. */
  get idle(): boolean {
    if (this.#loop === undefined) return true;
    return this.#batch === undefined && this.#readUpTo === this.#ports.source.writes.count;
  }

  /** Begins to read; does nothing when it has begun. */
  start(): void {
    if (this.#loop !== undefined) return;
    this.#stopping = new AbortController();
    this.#loop = this.#run(this.#stopping.signal);
  }

  /** Reads no more; resolves when the running invocation has ended. A batch that waits for its retry is read again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    this.#loop = undefined;
  }

  /** Makes a retry that waits due at once. */
  skipWaits(): void {
    this.#batch?.skipWaits();
  }

  async #run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      const from = this.#iterator;
      const records = await this.#gather(stopping);
      if (records.length === 0) continue;
      this.#batch = new StreamBatch(this.#config, this.#ports);
      const done = await this.#batch.deliver(records, stopping);
      this.#batch = undefined;
      if (done) this.#ports.onProgress(sequenceNumber(records.at(-1)));
      else this.#iterator = from;
      this.#ports.onChange();
    }
  }

  /** Waits for a first record that passes the filters and then, until the window ends, for more. */
  async #gather(stopping: AbortSignal): Promise<readonly StreamRecord[]> {
    const records = await this.#read(this.#config.batchSize, stopping);
    if (records.length === 0 || this.#config.windowSeconds === 0) return records;
    const window = openWindow(this.#config.windowSeconds, stopping);
    while (records.length < this.#config.batchSize && !window.closed.aborted) {
      records.push(...(await this.#read(this.#config.batchSize - records.length, window.closed)));
    }
    window.close();
    return records;
  }

  /** What passes the filters of one read; where there is nothing to read, waits for a write. */
  async #read(limit: number, until: AbortSignal): Promise<StreamRecord[]> {
    const { source, onChange, onNotice } = this.#ports;
    const count = source.writes.count;
    const started = performance.now();
    try {
      const { records, iterator, ended } = await source.read(this.#iterator, Math.min(limit, READ_MAXIMUM));
      this.#iterator = iterator;
      if (!ended) return records.filter((record) => passes(record, this.#config.filters));
    } catch (error) {
      if (until.aborted) return [];
      onNotice(`cannot read ${this.#config.streamArn}, trying again: ${messageOf(error)}`);
      await delay(PAUSE_MILLISECONDS, until);
      return [];
    }
    this.#readUpTo = count;
    onChange();
    const [least, most] = READ_PAUSE_MILLISECONDS;
    const pause = Math.min(most, Math.max(least, 10 * (performance.now() - started)));
    await source.writes.beyond(count, until);
    await delay(pause, until);
    return [];
  }
}
