import { type CloudWatchLogsClient, FilterLogEventsCommand, type FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { type Entry, entryOfLogLine } from "./entry.ts";

/**
 * How far polls look back behind the newest line: CloudWatch takes lines in out of order, mostly within seconds. Every second
 * poll looks further, for what came late.
 */
const LOOK_BACK_MILLISECONDS = { near: 20_000, far: 120_000 };

/**
 * How far before its start the first poll looks, without showing what it finds: a line is new if it was not there then, whatever
 * this machine's clock says.
 */
const SKEW_MILLISECONDS = 15 * 60_000;

export interface LogGroup {
  readonly logs: Pick<CloudWatchLogsClient, "send">;
  readonly name: string;
  readonly service: string;
  /** Older lines that are there at the first poll are not shown; milliseconds since 1970. */
  readonly since: number;
}

/** Reads one log group, each line once. */
export class LogGroupReader {
  readonly #group: LogGroup;
  /** Times of the lines already read, by id, without those too old to be read again. */
  readonly #read = new Map<string, number>();
  #newest: number;
  #polls = 0;

  constructor(group: LogGroup) {
    this.#group = group;
    this.#newest = group.since;
  }

  /** The lines that were not read before, page by page, in CloudWatch's order: that of time. @throws the SDK's error */
  async *poll(signal: AbortSignal): AsyncGenerator<Entry> {
    const { logs, name, since } = this.#group;
    const first = this.#polls === 0;
    const { near, far } = LOOK_BACK_MILLISECONDS;
    const startTime = Math.max(0, first ? since - SKEW_MILLISECONDS : this.#newest - (this.#polls % 2 === 0 ? far : near));
    for (const [id, time] of this.#read) if (time < this.#newest - SKEW_MILLISECONDS) this.#read.delete(id);
    let nextToken: string | undefined;
    let newest = first ? 0 : this.#newest;
    do {
      const command = new FilterLogEventsCommand({ logGroupName: name, startTime, nextToken });
      const page = await logs.send(command, { abortSignal: signal });
      for (const event of page.events ?? []) {
        newest = Math.max(newest, event.timestamp ?? 0);
        const entry = this.#entry(event);
        if (entry && !(first && (event.timestamp ?? 0) < since)) yield entry;
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined && !signal.aborted);
    // An empty group has no time to go by but this machine's; a fast clock would hide what comes.
    this.#newest = newest === 0 ? Math.max(0, since - SKEW_MILLISECONDS) : newest;
    this.#polls++;
  }

  #entry({ eventId = "", timestamp = 0, message = "" }: FilteredLogEvent): Entry | undefined {
    if (this.#read.has(eventId)) return undefined;
    this.#read.set(eventId, timestamp);
    return entryOfLogLine({ service: this.#group.service, time: timestamp, line: message.trimEnd() });
  }
}
