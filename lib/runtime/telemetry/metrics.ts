import { type HandledMetric, runtimeMetrics } from "../../contracts/runtime-metrics.ts";
import { type Details, type Observer, textIn } from "./observed-log.ts";

/** How records end, as metrics count it: a record sent to its queue again is retried. */
const COUNTED: Readonly<Record<string, HandledMetric>> = {
  done: "Done",
  duplicate: "Duplicate",
  retry: "Retry",
  postponed: "Retry",
  dead: "Dead",
};

/**
 * Counts how the records of an invocation ended, by type, and how old their events were at the commit. Writes a line per type and
 * one per reason of retries in CloudWatch's embedded metric format, which CloudWatch turns into metrics: no call, and nothing
 * where nothing happened. AmazonCloudWatch, "Specification: Embedded metric format"
 */
export class Metrics implements Observer {
  readonly #functionName: string;
  readonly #write: (line: string) => void;
  readonly #byType = new Map<string, Map<string, number[]>>();
  readonly #byReason = new Map<string, Map<string, number[]>>();

  constructor(functionName: string, write: (line: string) => void) {
    this.#functionName = functionName;
    this.#write = write;
  }

  /** Counts a record by its log line; a line of anything else is not counted. */
  observe(details: Details): void {
    const outcome = Object.entries(COUNTED).find(([name]) => name === details["outcome"])?.[1];
    if (outcome === undefined) return;
    const type = textIn(details["event"], "type") ?? "unknown";
    add(this.#byType, type, outcome);
    const age = details["ageMilliseconds"];
    if (typeof age === "number") add(this.#byType, type, "EventAge", age);
    if (outcome === "Retry") add(this.#byReason, textIn(details["error"], "name") ?? "RetryLaterError", "Retries");
  }

  /** Writes what was counted, and begins anew. */
  flush(): void {
    this.#flush(this.#byType, runtimeMetrics.byType);
    this.#flush(this.#byReason, runtimeMetrics.byReason);
  }

  #flush(groups: Map<string, Map<string, number[]>>, dimensions: readonly [string, string]): void {
    for (const [value, metrics] of groups) {
      const [service, group] = dimensions;
      const directive = {
        Namespace: runtimeMetrics.namespace,
        Dimensions: [dimensions],
        Metrics: [...metrics.keys()].map((Name) => (Name === "EventAge" ? { Name, Unit: "Milliseconds" } : { Name })),
      };
      const values = [...metrics].map(([name, list]) => [name, name === "EventAge" ? list : list.length]);
      this.#write(
        JSON.stringify({
          _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
          [service]: this.#functionName,
          [group]: value,
          ...Object.fromEntries(values),
        }),
      );
    }
    groups.clear();
  }
}

function add(groups: Map<string, Map<string, number[]>>, group: string, metric: string, value = 1): void {
  const metrics = groups.get(group) ?? new Map<string, number[]>();
  groups.set(group, metrics.set(metric, [...(metrics.get(metric) ?? []), value]));
}
