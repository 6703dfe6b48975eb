import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import * as v from "valibot";
import { AwsClock } from "#lib/ops/aws-clock.ts";
import { OpsError } from "#lib/ops/errors.ts";
import { printableJson } from "#lib/ops/printable.ts";
import { recentActivities } from "#lib/ops/tail/laptop-activities.ts";
import { onTarget, type Target } from "#lib/ops/target.ts";
import { findTraces, type SearchEntries } from "#lib/ops/trace/find-traces.ts";
import { searchLogs } from "#lib/ops/trace/search-logs.ts";
import { flatten, spanTrees } from "#lib/ops/trace/span-tree.ts";
import { duration, parseOptions, targetOptions } from "../options.ts";
import { paintFor } from "../../terminal/paint.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { tracePage } from "./trace-page.ts";

const traceOptions = v.object({
  ...targetOptions,
  since: v.optional(duration, "1h"),
  json: v.optional(v.boolean()),
});

/** `fanfare trace`: draws the traces of an order as trees of what followed from what. */
export async function trace(given: unknown, flags: unknown): Promise<void> {
  const options = parseOptions(traceOptions, flags);
  const sought = v.parse(v.string(), given);
  await onTarget(options, async (target) => {
    const traces = await findTraces(sought, await searchIn(target, options.since));
    if (traces.length === 0) {
      throw new OpsError(
        `no event with the id or subject "${sought}" was handled: check it, look further back (--since), or wait until it is handled`,
      );
    }
    for (const entries of traces) {
      const trees = spanTrees(entries);
      const id = entries[0]?.trace.id ?? "";
      const lines = options.json
        ? flatten(trees).map(({ children: _, ...span }) => printableJson({ trace: id, ...span }))
        : tracePage(id, trees, paintFor(process.stdout));
      process.stdout.write(`${lines.join("\n")}\n`);
    }
  });
}

async function searchIn({ stage, local, clients }: Target, span: number): Promise<SearchEntries> {
  if (local !== undefined) {
    const entries = recentActivities({ endpoint: local, prefix: `fanfare-${stage}-`, signal: untilInterrupted() });
    return () => entries;
  }
  const logs = new CloudWatchLogsClient(clients);
  const clock = new AwsClock(logs);
  await logs.send(new DescribeLogGroupsCommand({ limit: 1 }));
  return searchLogs({ logs, groupPrefix: `/fanfare/${stage}/`, since: clock.now() - span });
}
