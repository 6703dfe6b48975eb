import { Duration } from "aws-cdk-lib/core";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { type HandledMetric, runtimeMetrics } from "../../contracts/runtime-metrics.ts";

/** The CloudWatch metrics that alarms and dashboard share, by resource name, per five minutes. */

const PERIOD = Duration.minutes(5);

/** Visible messages in a queue. */
export function waitingMessages(queueName: string): Metric {
  return queueMetric(queueName, "ApproximateNumberOfMessagesVisible", "Maximum");
}

/** Messages that somebody has received and not yet deleted. */
export function inFlightMessages(queueName: string): Metric {
  return queueMetric(queueName, "ApproximateNumberOfMessagesNotVisible", "Maximum");
}

/**
 * Seconds that the oldest message of a queue has waited. A message received more than three times does not count, unless it is
 * the only one: a retry does not make a queue old. AWSSimpleQueueService, "Available CloudWatch metrics for Amazon SQS"
 */
export function oldestMessageSeconds(queueName: string): Metric {
  return queueMetric(queueName, "ApproximateAgeOfOldestMessage", "Maximum");
}

/** Messages that callers of SendMessage put into a queue: the runtime and SNS do, SQS's own redrive does not. */
export function sentMessages(queueName: string): Metric {
  return queueMetric(queueName, "NumberOfMessagesSent", "Sum");
}

/**
 * Messages that came into a dead-letter queue. `NumberOfMessagesSent` counts those that the runtime sends, but none that SQS moves
 * there; those show as growth. Messages in flight belong to the sum: they are letters that somebody looks at, and come back. Their
 * averages add up to the average of the sum; their maxima would count a letter twice in the period in which somebody looks at it.
 * AWSSimpleQueueService, "Available CloudWatch metrics for Amazon SQS"
 */
export function arrivedMessages(queueName: string): MathExpression {
  const average = { statistic: "Average" };
  return new MathExpression({
    // An inactive queue has no data; without FILL, its first letter would have no value before it to differ from. Rounded, since
    // fractions that should add up to the same number differ in their last digit.
    expression: "MAX([FILL(sent, 0), DIFF(FLOOR(FILL(visible, 0) + FILL(hidden, 0) + 0.5))])",
    usingMetrics: {
      sent: sentMessages(queueName),
      visible: waitingMessages(queueName).with(average),
      hidden: inFlightMessages(queueName).with(average),
    },
    label: "Arrived",
    period: PERIOD,
  });
}

/**
 * Seconds that the oldest message of any of some queues has waited.
 *
 * @returns one metric, or several where an alarm could not watch all queues
 */
export function oldestOf(queueNames: readonly string[]): MathExpression[] {
  return watchable(queueNames, METRICS_PER_ALARM).map((names) => {
    const ages = Object.fromEntries(names.map((name, index) => [`age${index}`, oldestMessageSeconds(name)]));
    const expression = `MAX([${Object.keys(ages).join(", ")}])`;
    return new MathExpression({ expression, usingMetrics: ages, label: "Oldest", period: PERIOD });
  });
}

export function functionInvocations(functionName: string): Metric {
  return functionMetric(functionName, "Invocations", "Sum");
}

/** Invocations that failed: threw, timed out or exited. A record that is reported as failed does not count. */
export function functionErrors(functionName: string): Metric {
  return functionMetric(functionName, "Errors", "Sum");
}

/** Percent of a function's invocations that failed. */
export function functionErrorPercent(functionName: string): MathExpression {
  return new MathExpression({
    expression: "100 * errors / invocations",
    usingMetrics: { errors: functionErrors(functionName), invocations: functionInvocations(functionName) },
    label: "Errors (%)",
    period: PERIOD,
  });
}

export function functionThrottles(functionName: string): Metric {
  return functionMetric(functionName, "Throttles", "Sum");
}

/** Milliseconds that 99 of 100 invocations stay under. */
export function functionDuration(functionName: string): Metric {
  return functionMetric(functionName, "Duration", "p99");
}

/**
 * Milliseconds that the last record of a batch had been in the stream when the function had handled it, or failed to.
 * lambda/latest/dg/monitoring-metrics-types, "IteratorAge"
 */
export function streamAge(functionName: string): Metric {
  return functionMetric(functionName, "IteratorAge", "Maximum");
}

/** What an alarm on an expression can watch. AmazonCloudWatch, "Limits that apply to alarms based on metric math expressions" */
const METRICS_PER_ALARM = 10;

/**
 * Reads and writes that DynamoDB refused because a table, an index or a partition of one was over its throughput. A write that an
 * index refuses counts there, not at the table. amazondynamodb, "DynamoDB metrics and dimensions"
 *
 * @returns one sum, or several where an alarm could not watch all indexes
 */
export function tableThrottles(tableName: string, indexes: readonly string[]): MathExpression[] {
  const places = [
    { TableName: tableName },
    ...indexes.map((name) => ({ TableName: tableName, GlobalSecondaryIndexName: name })),
  ];
  return watchable(places, METRICS_PER_ALARM / 2).map(throttlesAt);
}

/** Divides what is to be watched into as much as one alarm can watch. */
function watchable<Watched>(all: readonly Watched[], most: number): Watched[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, index) => all.slice(index * most, (index + 1) * most));
}

function throttlesAt(places: readonly Record<string, string>[]): MathExpression {
  const usingMetrics = Object.fromEntries(
    places.flatMap((place, index) => [
      [`reads${index}`, metric("AWS/DynamoDB", "ReadThrottleEvents", place, "Sum")],
      [`writes${index}`, metric("AWS/DynamoDB", "WriteThrottleEvents", place, "Sum")],
    ]),
  );
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(" + ");
  return new MathExpression({ expression, usingMetrics, label: "Table throttles", period: PERIOD });
}

export function publishedMessages(topicName: string): Metric {
  return topicMetric(topicName, "NumberOfMessagesPublished");
}

/** Deliveries that SNS gave up on: the subscription's dead-letter queue has them. */
export function failedDeliveries(topicName: string): Metric {
  return topicMetric(topicName, "NumberOfNotificationsFailed");
}

/** Failed deliveries that SNS could not put into the subscription's dead-letter queue either. */
export function lostDeliveries(topicName: string): Metric {
  return topicMetric(topicName, "NumberOfNotificationsFailedToRedriveToDlq");
}

/** Milliseconds since the oldest of the events that the runtime had to retry. */
export function retriedEventAge(functionName: string): Metric {
  return metric(runtimeMetrics.namespace, runtimeMetrics.retriedEventAge, { FunctionName: functionName }, "Maximum");
}

/** Messages that every filter policy dropped because they have no type, or attributes that SNS cannot read. sns/latest/dg/sns-monitoring-using-cloudwatch */
export function untypedMessages(topicName: string): MathExpression {
  return new MathExpression({
    expression: "FILL(nameless, 0) + FILL(malformed, 0)",
    usingMetrics: {
      nameless: topicMetric(topicName, "NumberOfNotificationsFilteredOut-NoMessageAttributes"),
      malformed: topicMetric(topicName, "NumberOfNotificationsFilteredOut-InvalidAttributes"),
    },
    label: "Untyped",
    period: PERIOD,
  });
}

/**
 * Messages that filter policies dropped beyond those that known types account for.
 *
 * @param expected how many subscriptions drop a message of a known type, at most
 */
export function unexpectedlyFiltered(topicName: string, expected: number): MathExpression {
  return new MathExpression({
    expression: `FILL(dropped, 0) - ${expected} * FILL(published, 0)`,
    usingMetrics: {
      dropped: topicMetric(topicName, "NumberOfNotificationsFilteredOut-MessageAttributes"),
      published: publishedMessages(topicName),
    },
    label: "Unconsumed",
    period: PERIOD,
  });
}

/** Events of all types that ended in one way, as the runtime counts them. */
export function handledEvents(functionName: string, outcome: HandledMetric): MathExpression {
  return new MathExpression({ expression: `SUM(${search(functionName, outcome, "Sum")})`, period: PERIOD });
}

/** Milliseconds from an event to its effect that 99 of 100 events stay under, of the slowest type. */
export function eventAge(functionName: string): MathExpression {
  return new MathExpression({ expression: `MAX(${search(functionName, runtimeMetrics.eventAge, "p99")})`, period: PERIOD });
}

/**
 * What goes wrong in one version of a function, per minute; a crash counts for three. Lambda counts crashes by version
 * (lambda/latest/dg/monitoring-metrics-types, "ExecutedVersion"), but an event that the handler fails on is sent again, and the
 * invocation succeeds: the runtime counts those.
 */
export function versionFaults(functionName: string, alias: string, version: string): MathExpression {
  const { namespace, handlerFailures } = runtimeMetrics;
  const period = Duration.minutes(1);
  const crashed = { FunctionName: functionName, Resource: `${functionName}:${alias}`, ExecutedVersion: version };
  const failed = { FunctionName: functionName, Version: version };
  return new MathExpression({
    expression: "FILL(crashes, 0) * 3 + FILL(failures, 0)",
    usingMetrics: {
      crashes: metric("AWS/Lambda", "Errors", crashed, "Sum").with({ period }),
      failures: metric(namespace, handlerFailures, failed, "Sum").with({ period }),
    },
    label: "Faults of the new version",
    period,
  });
}

/** The metrics of a function, one per type of event. AmazonCloudWatch, "Use search expressions in graphs" */
function search(functionName: string, metricName: string, statistic: string): string {
  const { namespace, byType } = runtimeMetrics;
  const schema = [namespace, ...byType].join(",");
  return `SEARCH('{${schema}} MetricName="${metricName}" FunctionName="${functionName}"', '${statistic}', ${PERIOD.toSeconds()})`;
}

function queueMetric(queueName: string, metricName: string, statistic: string): Metric {
  return metric("AWS/SQS", metricName, { QueueName: queueName }, statistic);
}

function functionMetric(functionName: string, metricName: string, statistic: string): Metric {
  return metric("AWS/Lambda", metricName, { FunctionName: functionName }, statistic);
}

function topicMetric(topicName: string, metricName: string): Metric {
  return metric("AWS/SNS", metricName, { TopicName: topicName }, "Sum");
}

function metric(namespace: string, metricName: string, dimensionsMap: Record<string, string>, statistic: string): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic, period: PERIOD });
}
