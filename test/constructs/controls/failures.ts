import { VISIBILITY_PER_TIMEOUT } from "#lib/contracts/limits.ts";
import { isInAlarm, watchedBy } from "../cloudwatch/alarm-state.ts";
import { at } from "../fixture.ts";
import type { Control } from "./control.ts";
import { first, ofType, referred, type Resource, type Stage } from "./stage.ts";

/** The queue that takes what a queue or a subscription gives up. */
function deadLetterQueueOf(stage: Stage, resource: Resource): Resource | undefined {
  return referred(stage, resource, at(resource.properties, "RedrivePolicy", "deadLetterTargetArn"));
}

function deadLetterQueues(stage: Stage): Set<Resource> {
  const givers = ofType(stage, "AWS::SQS::Queue", "AWS::SNS::Subscription");
  return new Set(givers.flatMap((giver) => deadLetterQueueOf(stage, giver) ?? []));
}

/** Whether an alarm goes off on the first message that is sent to a queue. */
function watches({ properties }: Resource, { properties: { QueueName } }: Resource): boolean {
  const sent = watchedBy(properties).some(
    ({ metric, names }) => metric === "NumberOfMessagesSent" && names.includes(QueueName),
  );
  return sent && isInAlarm(properties, { NumberOfMessagesSent: [0, 1, 0] });
}

/** The function that a mapping invokes, itself or by an alias. */
function functionOf(stage: Stage, mapping: Resource): Resource | undefined {
  const target = referred(stage, mapping, mapping.properties["FunctionName"]);
  return target?.type === "AWS::Lambda::Alias" ? referred(stage, target, target.properties["FunctionName"]) : target;
}

function queueOf(stage: Stage, mapping: Resource): Resource | undefined {
  return referred(stage, mapping, mapping.properties["EventSourceArn"]);
}

/** Whether a mapping's queue hides a message for less than six timeouts of its function and the batch window. */
function showsTooSoon(stage: Stage, mapping: Resource): boolean {
  const timeout = functionOf(stage, mapping)?.properties["Timeout"];
  const visibility = queueOf(stage, mapping)?.properties["VisibilityTimeout"];
  const window = Number(mapping.properties["MaximumBatchingWindowInSeconds"] ?? 0);
  return !(Number(visibility) >= VISIBILITY_PER_TIMEOUT * Number(timeout) + window);
}

function logGroupOf(stage: Stage, resource: Resource): Resource | undefined {
  return referred(stage, resource, at(resource.properties, "LoggingConfig", "LogGroup"));
}

/** What keeps failures from going unnoticed, and messages from being lost. */
export const failures: readonly Control[] = [
  {
    rule: "each queue has a dead-letter queue, or is one",
    offenders: (stage) => {
      const last = deadLetterQueues(stage);
      return ofType(stage, "AWS::SQS::Queue").filter((queue) => !deadLetterQueueOf(stage, queue) && !last.has(queue));
    },
    breaches: {
      "a queue that drops what nobody can handle": (stage) => {
        const queue = first(stage, "AWS::SQS::Queue", (one) => deadLetterQueueOf(stage, one) !== undefined);
        delete queue.properties["RedrivePolicy"];
        return queue;
      },
    },
  },
  {
    // A person's mailbox apart: SNS tries for hours, and the alarm shows on the dashboard besides.
    rule: "each subscription has a dead-letter queue",
    offenders: (stage) =>
      ofType(stage, "AWS::SNS::Subscription").filter(
        (one) => one.properties["Protocol"] !== "email" && !deadLetterQueueOf(stage, one),
      ),
    breaches: {
      "a subscription that drops what it cannot deliver": (stage) => {
        const subscription = first(stage, "AWS::SNS::Subscription", ({ properties }) => properties["Protocol"] === "sqs");
        delete subscription.properties["RedrivePolicy"];
        return subscription;
      },
    },
  },
  {
    rule: "each dead-letter queue has an alarm on its first message",
    offenders: (stage) => {
      const alarms = ofType(stage, "AWS::CloudWatch::Alarm");
      return [...deadLetterQueues(stage)].filter((queue) => !alarms.some((alarm) => watches(alarm, queue)));
    },
    breaches: {
      "an alarm that waits for ten": (stage) => {
        const [queue] = deadLetterQueues(stage);
        if (!queue) throw new Error("no dead-letter queue to break the alarm of");
        first(stage, "AWS::CloudWatch::Alarm", (alarm) => watches(alarm, queue)).properties["Threshold"] = 10;
        return queue;
      },
    },
  },
  {
    // lambda/latest/dg/services-sqs-configure
    rule: "each queue hides a message for six timeouts of its function and the batch window",
    offenders: (stage) =>
      ofType(stage, "AWS::Lambda::EventSourceMapping").filter(
        // A mapping with a position is of a stream.
        (mapping) => !("StartingPosition" in mapping.properties) && showsTooSoon(stage, mapping),
      ),
    breaches: {
      "a function that runs for a second longer": (stage) => {
        const mapping = first(stage, "AWS::Lambda::EventSourceMapping");
        const properties = functionOf(stage, mapping)?.properties ?? {};
        properties["Timeout"] = Number(properties["Timeout"]) + 1;
        return mapping;
      },
      "a batch window": (stage) => {
        const mapping = first(stage, "AWS::Lambda::EventSourceMapping");
        mapping.properties["MaximumBatchingWindowInSeconds"] = 1;
        return mapping;
      },
      "a queue that says nothing": (stage) => {
        const mapping = first(stage, "AWS::Lambda::EventSourceMapping");
        delete queueOf(stage, mapping)?.properties["VisibilityTimeout"];
        return mapping;
      },
    },
  },
  {
    rule: "each function logs into a log group that no other one logs into",
    offenders: (stage) => {
      const functions = ofType(stage, "AWS::Lambda::Function");
      return functions.filter((one) => {
        const group = logGroupOf(stage, one);
        return !group || functions.some((other) => other !== one && logGroupOf(stage, other) === group);
      });
    },
    breaches: {
      "a function that leaves it to Lambda": (stage) => {
        const found = first(stage, "AWS::Lambda::Function");
        delete found.properties["LoggingConfig"];
        return found;
      },
      "a function that logs into another one's": (stage) => {
        const found = first(stage, "AWS::Lambda::Function");
        stage.push({ ...found, id: "Copy" });
        return found;
      },
    },
  },
  {
    rule: "each log group forgets after a set time",
    offenders: (stage) =>
      ofType(stage, "AWS::Logs::LogGroup").filter(({ properties }) => typeof properties["RetentionInDays"] !== "number"),
    breaches: {
      "a log group that keeps everything": (stage) => {
        const group = first(stage, "AWS::Logs::LogGroup");
        delete group.properties["RetentionInDays"];
        return group;
      },
    },
  },
];
