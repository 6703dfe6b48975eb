import { setTimeout as pause } from "node:timers/promises";
import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { allPages } from "../all-pages.ts";
import { type Entry, entryOfLogLine } from "./entry.ts";
import { OpsError } from "../errors.ts";

/** How far each poll looks back behind the newest line: CloudWatch ingests lines out of order, over several seconds. */
const LOOK_BACK_MILLISECONDS = 20_000;

export interface FollowCloudWatchOptions {
  readonly logs: Pick<CloudWatchLogsClient, "send">;
  /** Prefix of the stage's log groups; the service's name follows. */
  readonly groupPrefix: string;
  /** Where to start, in milliseconds since the epoch. */
  readonly since: number;
  readonly signal: AbortSignal;
  /** Called when the log groups have been found. */
  readonly onOpen: () => void;
  /** Pause between polls: FilterLogEvents is throttled per account and region, and each log group costs a call. @default 2,000 */
  readonly pauseMilliseconds?: number;
}

/**
 * What the stage's functions write to CloudWatch Logs, until the signal. It polls, which is free and also shows the past; a
 * live tail session is charged by the minute and starts now.
 *
 * @throws OpsError when there are no log groups with the prefix.
 */
export async function* followCloudWatch(options: FollowCloudWatchOptions): AsyncGenerator<Entry> {
  const { logs, groupPrefix, signal, pauseMilliseconds = 2_000 } = options;
  const groups = (await findGroups(logs, groupPrefix)).map((name) => new GroupReader(logs, name, groupPrefix, options.since));
  options.onOpen();
  while (!signal.aborted) {
    const entries = await Promise.all(groups.map((group) => group.read()));
    yield* entries.flat().sort((a, b) => a.time - b.time);
    await pause(pauseMilliseconds, undefined, { signal }).catch(() => {});
  }
}

async function findGroups(logs: Pick<CloudWatchLogsClient, "send">, logGroupNamePrefix: string): Promise<string[]> {
  const groups = await allPages(async (nextToken) => {
    const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
    return { items: page.logGroups ?? [], next: page.nextToken };
  });
  if (groups.length === 0)
    throw new OpsError(`there is no log group ${logGroupNamePrefix}*: is the stage deployed in this region?`);
  return groups.flatMap(({ logGroupName }) => logGroupName ?? []);
}

/** Reads one log group, each line once. */
class GroupReader {
  readonly #logs: Pick<CloudWatchLogsClient, "send">;
  readonly #name: string;
  readonly #service: string;
  readonly #since: number;
  #newest: number;
  /** Times of the lines already read, by id, without those too old to be read again. */
  readonly #read = new Map<string, number>();

  constructor(logs: Pick<CloudWatchLogsClient, "send">, name: string, prefix: string, since: number) {
    this.#logs = logs;
    this.#name = name;
    this.#service = name.slice(prefix.length);
    this.#since = since;
    this.#newest = since;
  }

  async read(): Promise<Entry[]> {
    const startTime = Math.max(this.#since, this.#newest - LOOK_BACK_MILLISECONDS);
    for (const [id, time] of this.#read) if (time < startTime) this.#read.delete(id);
    const lines = await allPages(async (nextToken) => {
      const page = await this.#logs.send(new FilterLogEventsCommand({ logGroupName: this.#name, startTime, nextToken }));
      return { items: page.events ?? [], next: page.nextToken };
    });
    return lines.flatMap((line) => this.#entry(line) ?? []);
  }

  #entry({ eventId = "", timestamp = 0, message = "" }: FilteredLogEvent): Entry | undefined {
    if (this.#read.has(eventId)) return undefined;
    this.#read.set(eventId, timestamp);
    this.#newest = Math.max(this.#newest, timestamp);
    return entryOfLogLine({ service: this.#service, time: timestamp, line: message.trimEnd() });
  }
}
