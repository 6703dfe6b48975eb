import { Duration } from "aws-cdk-lib/core";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";

/** The CloudWatch metrics that alarms and dashboard share, by resource name, per five minutes. */

const PERIOD = Duration.minutes(5);

/** Visible messages in a queue. */
export function waitingMessages(queueName: string): Metric {
  return queueMetric(queueName, "ApproximateNumberOfMessagesVisible");
}

/** Seconds since the oldest message of a queue was sent. */
export function oldestMessageSeconds(queueName: string): Metric {
  return queueMetric(queueName, "ApproximateAgeOfOldestMessage");
}

export function functionInvocations(functionName: string): Metric {
  return functionMetric(functionName, "Invocations", "Sum");
}

/** Invocations that failed: threw, timed out or exited. A record that is reported as failed does not count. */
export function functionErrors(functionName: string): Metric {
  return functionMetric(functionName, "Errors", "Sum");
}

export function functionThrottles(functionName: string): Metric {
  return functionMetric(functionName, "Throttles", "Sum");
}

/** Milliseconds that 99 of 100 invocations stay under. */
export function functionDuration(functionName: string): Metric {
  return functionMetric(functionName, "Duration", "p99");
}

export function publishedMessages(topicName: string): Metric {
  return topicMetric(topicName, "NumberOfMessagesPublished");
}

/** Deliveries that SNS gave up on. */
export function failedDeliveries(topicName: string): Metric {
  return topicMetric(topicName, "NumberOfNotificationsFailed");
}

function queueMetric(queueName: string, metricName: string): Metric {
  return metric("AWS/SQS", metricName, { QueueName: queueName }, "Maximum");
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
