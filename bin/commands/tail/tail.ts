import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import * as v from "valibot";
import { AwsClock } from "#lib/ops/aws-clock.ts";
import { followCloudWatch } from "#lib/ops/tail/cloudwatch-entries.ts";
import type { Entry } from "#lib/ops/tail/entry.ts";
import { matches } from "#lib/ops/tail/entry-filter.ts";
import { followLaptop } from "#lib/ops/tail/laptop-entries.ts";
import { printable, printableJson } from "#lib/ops/printable.ts";
import { onTarget, placeOf, type Target } from "#lib/ops/target.ts";
import { entryLine } from "./entry-line.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { duration, parseOptions, targetOptions } from "../options.ts";
import { paintFor } from "../../terminal/paint.ts";

const tailOptions = v.object({
  ...targetOptions,
  since: v.optional(duration, "0s"),
  service: v.optional(v.string()),
  event: v.optional(v.string()),
  errors: v.optional(v.boolean()),
  json: v.optional(v.boolean()),
});

/** `fanfare tail`: prints a line for everything that happens, until Ctrl-C. */
export async function tail(given: unknown): Promise<void> {
  const options = parseOptions(tailOptions, given);
  const signal = untilInterrupted();
  const paint = paintFor(process.stdout);
  await onTarget(options, async (target) => {
    for await (const entry of follow(target, options.since, signal)) {
      if (signal.aborted) return;
      if (matches(options, entry)) process.stdout.write(`${options.json ? printableJson(entry) : entryLine(entry, paint)}\n`);
    }
  });
}

/** @param span how far back to start, in milliseconds */
async function* follow(target: Target, span: number, signal: AbortSignal): AsyncGenerator<Entry> {
  const { stage, local, clients } = target;
  const onOpen = (place: string) => console.error(`following stage ${stage} at ${place}; Ctrl-C to stop`);
  if (local === undefined) {
    const logs = new CloudWatchLogsClient(clients);
    const clock = new AwsClock(logs);
    await logs.send(new DescribeLogGroupsCommand({ limit: 1 }), { abortSignal: signal });
    const onTrouble = troubleNote();
    const place = await placeOf(target, logs);
    const groupPrefix = `/fanfare/${stage}/`;
    yield* followCloudWatch({ logs, groupPrefix, since: clock.now() - span, signal, onOpen: () => onOpen(place), onTrouble });
    return;
  }
  const notices = {
    open: () => onOpen(target.place),
    lost: () => console.error("the laptop cloud has stopped; waiting for it to come back"),
    back: () => console.error("the laptop cloud is back"),
  };
  yield* followLaptop({
    endpoint: local,
    prefix: `fanfare-${stage}-`,
    since: Date.now() - span,
    signal,
    onConnection: (state) => notices[state](),
  });
}

/** Tells of a failed poll, once for polls in a row that fail alike. */
function troubleNote(): (error: Error) => void {
  let told = "";
  return ({ name, message }) => {
    const reason = `${name}: ${message}`;
    if (reason !== told) console.error(`CloudWatch did not answer (${printable(reason)}): trying again`);
    told = reason;
  };
}
