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

/** Metrics that are kept as lists of milliseconds, for percentiles; the others are counts. */
const AGES: ReadonlySet<string> = new Set([runtimeMetrics.eventAge, runtimeMetrics.retriedEventAge]);

/** Metrics that share their dimensions. */
interface Group {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Map<string, number[]>;
}

/**
 * Counts how the records of an invocation ended, by type, and how old their events were at the commit; for those that come again
 * also why, and how old they are. Writes a line per set of dimensions in CloudWatch's embedded metric format, which CloudWatch turns
 * into metrics: no call, and nothing where nothing happened. AmazonCloudWatch, "Specification: Embedded metric format"
 */
export class Metrics implements Observer {
  readonly #functionName: string;
  readonly #version: string | undefined;
  readonly #write: (line: string) => void;
  readonly #groups = new Map<string, Group>();

  /** @param version the function's version, where one is published: without an alias there is nothing to tell apart */
  constructor(functionName: string, write: (line: string) => void, version?: string) {
    this.#functionName = functionName;
    this.#version = version === "$LATEST" ? undefined : version;
    this.#write = write;
  }

  /** Counts a record by its log line; a line of anything else is not counted. */
  observe(details: Details): void {
    const outcome = Object.entries(COUNTED).find(([name]) => name === details["outcome"])?.[1];
    if (outcome === undefined) return;
    const EventType = textIn(details["event"], "type") ?? "unknown";
    this.#add({ EventType }, outcome);
    const age = details["ageMilliseconds"];
    if (outcome === "Done" && typeof age === "number") this.#add({ EventType }, runtimeMetrics.eventAge, age);
    if (outcome !== "Retry") return;
    if (details["because"] === "own" && this.#version !== undefined) {
      this.#add({ Version: this.#version }, runtimeMetrics.handlerFailures);
    }
    this.#add({ Reason: textIn(details["error"], "name") ?? "RetryLaterError" }, "Retries");
    if (typeof age === "number") this.#add({}, runtimeMetrics.retriedEventAge, age);
  }

  /** Writes what was counted, and begins anew. */
  flush(): void {
    for (const { dimensions, values } of this.#groups.values()) {
      const names = [...values.keys()];
      const directive = {
        Namespace: runtimeMetrics.namespace,
        Dimensions: [Object.keys(dimensions)],
        Metrics: names.map((Name) => (AGES.has(Name) ? { Name, Unit: "Milliseconds" } : { Name })),
      };
      this.#write(
        JSON.stringify({
          _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
          ...dimensions,
          ...Object.fromEntries([...values].map(([name, list]) => [name, AGES.has(name) ? list : list.length])),
        }),
      );
    }
    this.#groups.clear();
  }

  #add(dimensions: Readonly<Record<string, string>>, metric: string, value = 1): void {
    const key = JSON.stringify(dimensions);
    const group: Group = this.#groups.get(key) ?? {
      dimensions: { FunctionName: this.#functionName, ...dimensions },
      values: new Map(),
    };
    this.#groups.set(key, group);
    group.values.set(metric, [...(group.values.get(metric) ?? []), value]);
  }
}
