import { setTimeout as pause } from "node:timers/promises";
import { type CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { toError } from "../../runtime/errors.ts";
import { allPages } from "../all-pages.ts";
import { OpsError } from "../errors.ts";
import { refusal } from "../refusal.ts";
import type { Entry } from "./entry.ts";
import { LogGroupReader } from "./log-group-reader.ts";
import { mergeByTime } from "./merge-by-time.ts";

/** Polls between two looks for new log groups: a service that is deployed while one follows. */
const POLLS_PER_SEARCH = 15;

export interface FollowCloudWatchOptions {
  readonly logs: Pick<CloudWatchLogsClient, "send">;
  /** Prefix of the stage's log groups; the service's name follows. */
  readonly groupPrefix: string;
  /** Where to start, in milliseconds since the epoch. What is written later is shown, whatever time it says. */
  readonly since: number;
  readonly signal: AbortSignal;
  /** Called when the log groups have been found. */
  readonly onOpen: () => void;
  /** Called when a poll fails: it is made again after the pause. */
  readonly onTrouble?: (error: Error) => void;
  /** Pause between polls: FilterLogEvents is throttled per account and region, and each log group costs a call. @default 2,000 */
  readonly pauseMilliseconds?: number;
}

/**
 * What the stage's functions write to CloudWatch Logs, until the signal. It polls, which is free and also shows the past; a
 * live tail session is charged by the minute and starts now.
 *
 * @throws OpsError when there are no log groups with the prefix; the SDK's error when the credentials do not allow it.
 */
export async function* followCloudWatch(options: FollowCloudWatchOptions): AsyncGenerator<Entry> {
  const { signal, onOpen, onTrouble, pauseMilliseconds = 2_000 } = options;
  const groups = new Map<string, LogGroupReader>();
  await addGroups(options, groups);
  if (groups.size === 0) {
    throw new OpsError(`there is no log group ${options.groupPrefix}*: is the stage deployed in this region?`);
  }
  onOpen();
  for (let poll = 1; !signal.aborted; poll++) {
    const troubles: Error[] = [];
    const note = (error: unknown) => void troubles.push(toError(error));
    if (poll % POLLS_PER_SEARCH === 0) await addGroups(options, groups).catch(note);
    const polls = [...groups.values()].map((group) => group.poll(signal));
    for await (const entry of mergeByTime(polls, note)) {
      yield entry;
      if (signal.aborted) return;
    }
    const lasting = troubles.find((error) => refusal(error) !== undefined);
    if (lasting && !signal.aborted) throw lasting;
    if (troubles[0] && !signal.aborted) onTrouble?.(troubles[0]);
    await pause(pauseMilliseconds, undefined, { signal }).catch(() => {});
  }
}

/** Finds the stage's log groups, and adds readers of those that are new. A group made later is read from its beginning. */
async function addGroups({ logs, groupPrefix, since, signal }: FollowCloudWatchOptions, groups: Map<string, LogGroupReader>) {
  const found = await allPages(async (nextToken) => {
    const command = new DescribeLogGroupsCommand({ logGroupNamePrefix: groupPrefix, nextToken });
    const page = await logs.send(command, { abortSignal: signal });
    return { items: page.logGroups ?? [], next: page.nextToken };
  });
  const later = groups.size > 0;
  for (const { logGroupName: name } of found) {
    if (name === undefined || groups.has(name)) continue;
    const service = name.slice(groupPrefix.length);
    groups.set(name, new LogGroupReader({ logs, name, service, since: later ? 0 : since }));
  }
}
