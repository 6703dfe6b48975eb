import type { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { TopicDefinition } from "../../contracts/topic.ts";
import { functionErrors, functionThrottles, oldestMessageSeconds, waitingMessages } from "./metrics.ts";
import type { ServiceNames } from "../names.ts";
import { RunbookAlarm, type RunbookAlarmProps } from "./runbook-alarm.ts";
import { MAX_RECEIVE_COUNT } from "../queue/queue-settings.ts";

export interface ServiceAlarmsProps {
  readonly names: ServiceNames;
  /** The topics that the service subscribes to. */
  readonly topics: readonly TopicDefinition[];
  /** The visibility timeout of the service's queue. */
  readonly visibilityTimeout: Duration;
  /** ARN of the SNS topic that is notified. @default - none */
  readonly notify?: string;
}

/** The alarms of one service: `fanfare-<stage>-<service>-<what>`. */
export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, { names, topics, visibilityTimeout, notify }: ServiceAlarmsProps) {
    super(scope, id);
    const alarm = (what: string, alarmId: string, props: Omit<RunbookAlarmProps, "alarmName" | "notify">) =>
      new RunbookAlarm(this, alarmId, { alarmName: names.alarm(what), ...(notify !== undefined && { notify }), ...props });

    alarm("dead-letters", "DeadLetters", {
      meaning: `Messages that the service ${names.service} could not handle are in its dead-letter queue.`,
      section: "dead-letters",
      metric: waitingMessages(names.deadLetterQueue),
      above: 0,
    });
    for (const topic of topics) {
      alarm(`${topic.name}-undelivered`, `Undelivered-${topic.name}`, {
        meaning: `Events of the topic ${topic.name} did not reach the queue of the service ${names.service}.`,
        section: "undelivered",
        metric: waitingMessages(names.undelivered(topic)),
        above: 0,
      });
    }
    // Longer than all attempts together can take: the message is waiting because nobody receives it.
    const age = MAX_RECEIVE_COUNT * visibilityTimeout.toSeconds();
    alarm("old-messages", "OldMessages", {
      meaning: `The service ${names.service} is behind: its oldest message has waited for more than ${age} seconds.`,
      section: "old-messages",
      metric: oldestMessageSeconds(names.queue),
      above: age,
    });
    alarm("function-errors", "FunctionErrors", {
      meaning: `The function of the service ${names.service} crashed, timed out or ran out of memory.`,
      section: "function-errors",
      metric: functionErrors(names.function),
      above: 0,
    });
    alarm("throttles", "Throttles", {
      meaning: `Lambda refused to run the function of the service ${names.service}: the account has no concurrency left.`,
      section: "throttles",
      metric: functionThrottles(names.function),
      above: 0,
    });
  }
}

/** The names of all alarms that {@link ServiceAlarms} makes. */
export function serviceAlarmNames(names: ServiceNames, topics: readonly TopicDefinition[]): string[] {
  const undelivered = topics.map(({ name }) => `${name}-undelivered`);
  return ["dead-letters", ...undelivered, "old-messages", "function-errors", "throttles"].map((what) => names.alarm(what));
}
