import { FAULT_KINDS } from "./faults.ts";
import type { Summary } from "./summary.ts";

/** What was run, which faults fired how often, and which rare states were reached, as lines to read. */
export function describeCoverage(summary: Summary): string[] {
  const { seconds } = summary;
  const perSecond = (count: number) => `${Math.round(count / seconds).toLocaleString("en")}/s`;
  return [
    `${summary.seeds.toLocaleString("en")} seeds in ${seconds.toFixed(1)} s of a worker (${(summary.seeds / seconds).toFixed(1)}/s): ` +
      `${summary.events.toLocaleString("en")} events, ${summary.deliveries.toLocaleString("en")} deliveries (${perSecond(summary.deliveries)}), ` +
      `${summary.faults.toLocaleString("en")} faults`,
    "",
    ...table("fault", new Map(FAULT_KINDS.map((kind) => [kind, summary.faultsFired.get(kind) ?? 0]))),
    "",
    ...table("rare state", new Map([...summary.rareStates].sort(([a], [b]) => (a < b ? -1 : 1)))),
  ];
}

function table(what: string, counts: ReadonlyMap<string, number>): string[] {
  const width = Math.max(what.length, ...[...counts.keys()].map(({ length }) => length));
  const line = (name: string, count: string) => `${name.padEnd(width)}  ${count.padStart(11)}`;
  return [line(what, "times"), ...[...counts].map(([name, count]) => line(name, count.toLocaleString("en")))];
}
