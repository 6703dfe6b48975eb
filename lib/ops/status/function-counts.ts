import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import * as v from "valibot";
import { allPages } from "../all-pages.ts";

/** How often a function ran, and how often it failed. */
export interface FunctionCounts {
  readonly invocations: number;
  readonly errors: number;
}

const HOUR_MILLISECONDS = 3_600_000;

/** Seconds per data point: CloudWatch aligns to multiples of the period, so a short one stays close to the last hour. */
const PERIOD_SECONDS = 60;

/** Most queries of one GetMetricData call. AmazonCloudWatch, GetMetricData */
const QUERIES_AT_ONCE = 500;

const METRICS = ["Invocations", "Errors"] as const;

/** CloudWatch's counts for an hour, by function name. @param now its end, in milliseconds since 1970 */
export async function cloudWatchCounts(
  cloudwatch: Pick<CloudWatchClient, "send">,
  names: readonly string[],
  now: number,
): Promise<Map<string, FunctionCounts>> {
  const [start, end] = [new Date(now - HOUR_MILLISECONDS), new Date(now)];
  const queries = names.flatMap((name, index) =>
    METRICS.map((metric) => query(`${metric.toLowerCase()}${index}`, name, metric)),
  );
  const sums = new Map<string, number>();
  for (let at = 0; at < queries.length; at += QUERIES_AT_ONCE) {
    const results = await allPages(async (NextToken) => {
      const page = await cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: start,
          EndTime: end,
          MetricDataQueries: queries.slice(at, at + QUERIES_AT_ONCE),
          NextToken,
        }),
      );
      return { items: page.MetricDataResults ?? [], next: page.NextToken };
    });
    for (const { Id = "", Values = [] } of results) {
      sums.set(Id, (sums.get(Id) ?? 0) + Values.reduce((sum, value) => sum + value, 0));
    }
  }
  return new Map(
    names.map((name, index) => [
      name,
      { invocations: sums.get(`invocations${index}`) ?? 0, errors: sums.get(`errors${index}`) ?? 0 },
    ]),
  );
}

function query(Id: string, name: string, MetricName: string): MetricDataQuery {
  return {
    Id,
    MetricStat: {
      Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions: [{ Name: "FunctionName", Value: name }] },
      Period: PERIOD_SECONDS,
      Stat: "Sum",
    },
  };
}

const laptopStatus = v.object({
  functions: v.array(v.object({ name: v.string(), invocations: v.number(), errors: v.number() })),
});

/**
 * The laptop cloud's counts since its start, by function name; empty for another emulator, which has no such page.
 *
 * @param endpoint the laptop cloud's address, without a trailing slash
 */
export async function laptopCounts(endpoint: string): Promise<Map<string, FunctionCounts>> {
  const response = await fetch(`${endpoint}/_fanfare/status`);
  const status = v.safeParse(laptopStatus, response.ok ? await response.json() : undefined);
  if (!status.success) return new Map();
  return new Map(status.output.functions.map(({ name, invocations, errors }) => [name, { invocations, errors }]));
}
