import { type CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { allPages } from "../all-pages.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { OpsError } from "../errors.ts";
import { type Entry, entryOfLogLine } from "../tail/entry.ts";
import type { SearchEntries } from "./find-traces.ts";

/** Log groups searched at once: FilterLogEvents is throttled per account and region. */
const GROUPS_AT_ONCE = 4;

export interface LogSearch {
  readonly logs: Pick<CloudWatchLogsClient, "send">;
  /** Prefix of the stage's log groups; the service's name follows. */
  readonly groupPrefix: string;
  /** Where to start, in milliseconds since the epoch. */
  readonly since: number;
}

/** Searches the logs of a stage's functions in CloudWatch. @throws OpsError when there are no log groups with the prefix */
export function searchLogs({ logs, groupPrefix, since }: LogSearch): SearchEntries {
  return async (text) => {
    const groups = await allPages(async (nextToken) => {
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: groupPrefix, nextToken }));
      return { items: page.logGroups ?? [], next: page.nextToken };
    });
    if (groups.length === 0) throw new OpsError(`there is no log group ${groupPrefix}*: is the stage deployed in this region?`);
    const found = await mapLimited(groups, GROUPS_AT_ONCE, ({ logGroupName }) =>
      linesWith(logs, logGroupName ?? "", text, since),
    );
    return found.flatMap((lines, index) => {
      const service = groups[index]?.logGroupName?.slice(groupPrefix.length) ?? "";
      return lines.flatMap(({ timestamp = 0, message = "" }): Entry[] => {
        const entry = entryOfLogLine({ service, time: timestamp, line: message.trimEnd() });
        return entry ? [entry] : [];
      });
    });
  };
}

/** The lines of a log group that contain a text. AmazonCloudWatchLogs, "Filter pattern syntax": a quoted term is matched as it is. */
function linesWith(logs: LogSearch["logs"], logGroupName: string, text: string, startTime: number) {
  const filterPattern = `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  return allPages(async (nextToken) => {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern, startTime, nextToken }));
    return { items: page.events ?? [], next: page.nextToken };
  });
}
