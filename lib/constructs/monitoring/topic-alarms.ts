import { Construct } from "constructs";
import type { TopicDefinition } from "../../contracts/topic.ts";
import type { StageNames } from "../names.ts";
import { lostDeliveries } from "./metrics.ts";
import { RunbookAlarm } from "./runbook-alarm.ts";

export interface TopicAlarmsProps {
  readonly names: StageNames;
  readonly topic: TopicDefinition;
  /** ARN of the SNS topic that is notified. @default - none */
  readonly notify?: string;
}

/** The alarms of one topic: `fanfare-<stage>-topic-<topic>-<what>`. Deliveries that failed and are kept show at their service. */
export class TopicAlarms extends Construct {
  constructor(scope: Construct, id: string, { names, topic, notify }: TopicAlarmsProps) {
    super(scope, id);
    new RunbookAlarm(this, "Lost", {
      alarmName: names.topicAlarm(topic, "lost"),
      meaning: `SNS dropped events of the topic ${topic.name}: neither a queue nor its dead-letter queue took them.`,
      section: "lost-deliveries",
      metric: lostDeliveries(names.topic(topic)),
      above: 0,
      persistence: "once",
      ...(notify !== undefined && { notify }),
    });
  }
}

/** The names of the alarms that {@link TopicAlarms} makes. */
export function topicAlarmNames(names: StageNames, topic: TopicDefinition): string[] {
  return [names.topicAlarm(topic, "lost")];
}
