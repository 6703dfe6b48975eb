/**
 * `npm run bench` measures what Fanfare set out to reach, and prints it as one table; `npm run bench -- <name>...` measures
 * some of it. It reports and does not judge: the exit code is 0. Progress goes to standard error.
 */
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { endurance } from "./messages/endurance.ts";
import { backlog } from "./messages/backlog.ts";
import { bundle } from "./functions/bundle.ts";
import { cost } from "./cost/cost.ts";
import { idle } from "./commands/idle.ts";
import { isolation } from "./messages/isolation.ts";
import { latency } from "./messages/latency.ts";
import { localstack } from "./messages/localstack.ts";
import type { Measurement } from "./measurement.ts";
import { overhead } from "./functions/overhead.ts";
import { startup } from "./commands/startup.ts";
import { synth } from "./commands/synth.ts";
import { failedRow, tableOf, type TableRow } from "./table.ts";
import { throughput } from "./messages/throughput.ts";

const MEASUREMENTS: readonly Measurement[] = [
  startup,
  synth,
  latency,
  throughput,
  backlog,
  bundle,
  overhead,
  cost,
  isolation,
  idle,
  endurance,
  localstack,
];

const LONGEST_MINUTES = 10;

process.once("SIGINT", () => process.exit(130));
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !MEASUREMENTS.some((measurement) => measurement.name === name));
if (unknown === undefined) {
  const chosen = MEASUREMENTS.filter(({ name, onRequest }) => (asked.length === 0 ? !onRequest : asked.includes(name)));
  const before = load();
  const rows: TableRow[] = [];
  for (const measurement of chosen) rows.push(...(await measure(measurement)));
  process.stdout.write(`${headLine(before)}\n${tableOf(rows)}\n`);
} else {
  console.error(`There is no measurement "${unknown}": there are ${MEASUREMENTS.map(({ name }) => name).join(", ")}.`);
}
// A measurement that failed may have left something running; the table stands all the same.
process.exit(0);

async function measure(measurement: Measurement): Promise<readonly TableRow[]> {
  const { name, longestMinutes = LONGEST_MINUTES } = measurement;
  const say = (line: string) => process.stderr.write(`${name}: ${line}\n`);
  try {
    await measurement.prepare?.(say);
    return await Promise.race([measurement.run(say), limit(longestMinutes)]);
  } catch (error) {
    say(`failed: ${String(error)}`);
    return [failedRow(name, error)];
  }
}

async function limit(minutes: number): Promise<never> {
  await delay(minutes * 60_000, undefined, { ref: false });
  throw new Error(`not finished after ${minutes} minutes`);
}

/** What the figures depend on besides the code. */
function headLine(before: string): string {
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  return `${availableParallelism()} cores, load average ${before} before and ${load()} after, Node ${process.version}, ${date} UTC`;
}

/** Processes that ran or waited to, on the average of the last minute. */
function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
