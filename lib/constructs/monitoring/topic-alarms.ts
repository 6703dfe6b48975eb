import { Construct } from "constructs";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import type { TopicDefinition } from "../../contracts/topic.ts";
import { publishedTypes, understoodTypes } from "../../contracts/versions.ts";
import type { StageNames } from "../names.ts";
import { lostDeliveries, unexpectedlyFiltered, untypedMessages } from "./metrics.ts";
import { RunbookAlarm } from "./runbook-alarm.ts";

export interface TopicAlarmsProps {
  readonly names: StageNames;
  readonly topic: TopicDefinition;
  readonly services: readonly ServiceDefinition[];
  /** ARN of the SNS topic that is notified. @default - none */
  readonly notify?: string;
}

/** The alarms of one topic: `fanfare-<stage>-topic-<topic>-<what>`. Deliveries that failed and are kept show at their service. */
export class TopicAlarms extends Construct {
  constructor(scope: Construct, id: string, { names, topic, services, notify }: TopicAlarmsProps) {
    super(scope, id);
    const told = notify !== undefined && { notify };
    new RunbookAlarm(this, "Lost", {
      alarmName: names.topicAlarm(topic, "lost"),
      meaning: `SNS dropped events of the topic ${topic.name}: neither a queue nor its dead-letter queue took them.`,
      section: "lost-deliveries",
      metric: lostDeliveries(names.topic(topic)),
      above: 0,
      persistence: "once",
      ...told,
    });
    new RunbookAlarm(this, "Untyped", {
      alarmName: names.topicAlarm(topic, "untyped"),
      meaning: `Events of the topic ${topic.name} reached nobody: they have no message attribute "type".`,
      section: "filtered-out",
      metric: untypedMessages(names.topic(topic)),
      above: 0,
      persistence: "once",
      ...told,
    });
    const expected = mostDropped(topic, services);
    if (expected === undefined) return;
    new RunbookAlarm(this, "Unconsumed", {
      alarmName: names.topicAlarm(topic, "unconsumed"),
      meaning: `Events of the topic ${topic.name} reached nobody: no service subscribes to their version.`,
      section: "filtered-out",
      metric: unexpectedlyFiltered(names.topic(topic), expected),
      above: 0,
      // Where some are dropped by right, publication and drop may be counted in two periods.
      persistence: expected === 0 ? "once" : "lasting",
      ...told,
    });
  }
}

/**
 * How many subscriptions of a topic drop a message of a known type, at most: of one more, none took it. Undefined where that says
 * nothing, since a type that is published has no consumer.
 */
function mostDropped(topic: TopicDefinition, services: readonly ServiceDefinition[]): number | undefined {
  const ofTopic = (events: readonly AnyEventDefinition[]) => events.filter((event) => event.topic === topic);
  const subscriptions = services
    .map(({ consumes }) => ofTopic(consumes).flatMap(understoodTypes))
    .filter((it) => it.length > 0);
  const types = new Set([
    ...subscriptions.flat(),
    ...services.flatMap(({ publishes }) => ofTopic(publishes).flatMap(publishedTypes)),
  ]);
  const takers = [...types].map((type) => subscriptions.filter((taken) => taken.includes(type)).length);
  const fewest = Math.min(...takers);
  return takers.length === 0 || fewest === 0 ? undefined : subscriptions.length - fewest;
}

/** The names of the alarms that {@link TopicAlarms} makes. */
export function topicAlarmNames(names: StageNames, topic: TopicDefinition, services: readonly ServiceDefinition[]): string[] {
  const all = ["lost", "untyped", ...(mostDropped(topic, services) === undefined ? [] : ["unconsumed"])];
  return all.map((what) => names.topicAlarm(topic, what));
}
