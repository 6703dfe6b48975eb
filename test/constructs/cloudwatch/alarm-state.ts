import { at, objects, type Properties } from "../fixture.ts";
import { evaluate, type Series } from "./metric-math.ts";

/** What an alarm watches: a metric's name, and the resources by whose names CloudWatch keeps it. */
export interface Watched {
  readonly metric: string;
  readonly names: readonly unknown[];
}

/** The metrics of an alarm, by the ids that its expression gives them; `only` for an alarm without an expression. */
function metricsOf(alarm: Properties): Map<string, Watched> {
  const stats = objects(alarm["Metrics"]).filter((one) => one["MetricStat"] !== undefined);
  if (stats.length === 0) return new Map([["only", watched(alarm)]]);
  return new Map(stats.map((one) => [String(one["Id"]), watched(at(one, "MetricStat", "Metric"))]));
}

function watched(metric: unknown): Watched {
  return { metric: String(at(metric, "MetricName")), names: objects(at(metric, "Dimensions")).map(({ Value }) => Value) };
}

/** What an alarm watches. */
export function watchedBy(alarm: Properties): Watched[] {
  return [...metricsOf(alarm).values()];
}

/** A metric's values for an alarm, from those of each minute: one per period, by the statistic that the alarm asks for. */
export function byPeriod(alarm: Properties, metric: string, minutes: readonly number[]): Series {
  const stat = objects(alarm["Metrics"]).find((one) => at(one, "MetricStat", "Metric", "MetricName") === metric);
  const length = Number(at(stat, "MetricStat", "Period")) / 60;
  const statistic = String(at(stat, "MetricStat", "Stat"));
  return Array.from({ length: minutes.length / length }, (_, index) => {
    const values = minutes.slice(index * length, (index + 1) * length);
    const sum = values.reduce((total, value) => total + value, 0);
    return statistic === "Average" ? sum / length : statistic === "Sum" ? sum : Math.max(...values);
  });
}

/**
 * Whether an alarm is in alarm after some periods, by the values of its metrics. A metric without values has no data; missing data
 * is treated as the alarm says. AmazonCloudWatch, "Alarm evaluation"
 */
export function isInAlarm(alarm: Properties, values: Readonly<Record<string, Series>>): boolean {
  const periods = Math.max(...Object.values(values).map(({ length }) => length));
  const none: Series = Array.from({ length: periods }, () => undefined);
  const metrics = Object.fromEntries([...metricsOf(alarm)].map(([id, { metric }]) => [id, values[metric] ?? none]));
  const [expression] = objects(alarm["Metrics"]).flatMap(({ Expression }) =>
    typeof Expression === "string" ? [Expression] : [],
  );
  const series = evaluate(expression ?? "only", metrics);
  const considered = series.slice(-Number(alarm["EvaluationPeriods"]));
  if (alarm["TreatMissingData"] !== "notBreaching" || alarm["ComparisonOperator"] !== "GreaterThanThreshold") {
    throw new Error("an alarm of ours ignores missing data, and goes off above its threshold");
  }
  const breaching = considered.filter((value) => value !== undefined && value > Number(alarm["Threshold"]));
  return breaching.length >= Number(alarm["DatapointsToAlarm"]);
}
