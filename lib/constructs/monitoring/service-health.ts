import type { Duration } from "aws-cdk-lib/core";
import { SQS_IN_FLIGHT_MESSAGES } from "../../contracts/limits.ts";
import type { TopicDefinition } from "../../contracts/topic.ts";
import type { ServiceNames } from "../names.ts";
import { DEAD_LETTER_RETENTION } from "../queue/queue-settings.ts";
import * as metrics from "./metrics.ts";
import type { RunbookAlarmProps } from "./runbook-alarm.ts";

/** The service whose health is watched. */
export interface WatchedService {
  readonly names: ServiceNames;
  /** The topics that the service subscribes to. */
  readonly topics: readonly TopicDefinition[];
  /** Whether the service takes requests, for which a relay publishes. */
  readonly takesRequests: boolean;
  /** The indexes of the service's table. */
  readonly indexes: readonly string[];
  /** The visibility timeout of the service's queue. */
  readonly visibilityTimeout: Duration;
  /** The timeout of the service's function. */
  readonly functionTimeout: Duration;
}

/** A part of a service's health. */
export interface Part extends Omit<RunbookAlarmProps, "alarmName" | "notify"> {
  readonly id: string;
  /** The end of the alarm's name. */
  readonly what: string;
}

/** Visibility timeouts that a message may wait. SQS counts the age of a message over its first three receives. */
const WAITS = 5;

/** Minutes after which an event that is still retried waits for something that is down: a handler's own errors are dead by then. */
const RETRYING_MINUTES = 30;

/** Percent of a quota or a timeout at which there is still time to act. */
const NEARLY_ALL = 0.8;

/** Percent of invocations that may fail. At 5 an event source mapping has lost three quarters of its throughput. */
const ERROR_PERCENT = 5;

/** Seconds that a committed request may wait for the relay, which publishes within one: then SNS refuses it, or it crashes. */
const RELAY_SECONDS = 60;

/** Days before a dead letter is deleted that somebody is reminded of it. */
const REMINDER_DAYS = 4;

/** The parts of a service's health, each with its alarm. docs/runbook.md has the reason for each threshold. */
export function partsOf({ names, topics, indexes, takesRequests, visibilityTimeout, functionTimeout }: WatchedService): Part[] {
  const { service } = names;
  const age = WAITS * visibilityTimeout.toSeconds();
  return [
    {
      id: "DeadLetters",
      what: "dead-letters",
      meaning: `Messages that the service ${service} could not handle have come into its dead-letter queue.`,
      section: "dead-letters",
      metric: metrics.arrivedMessages(names.deadLetterQueue),
      above: 0,
      persistence: "once",
    },
    ...topics.map((topic): Part => {
      return {
        id: `Undelivered-${topic.name}`,
        what: undeliveredFrom(topic),
        meaning: `Events of the topic ${topic.name} did not reach the queue of the service ${service}.`,
        section: "undelivered",
        // SNS alone fills this queue, and by SendMessage.
        metric: metrics.sentMessages(names.undelivered(topic)),
        above: 0,
        persistence: "once",
      };
    }),
    {
      id: "OldMessages",
      what: "old-messages",
      meaning: `The service ${service} is behind: its oldest message has waited for more than ${age} seconds.`,
      section: "old-messages",
      metric: metrics.oldestMessageSeconds(names.queue),
      above: age,
      persistence: "once",
    },
    {
      id: "Retrying",
      what: "retrying",
      meaning: `Events have failed in the service ${service} for more than ${RETRYING_MINUTES} minutes, and are still retried.`,
      section: "retrying",
      metric: metrics.retriedEventAge(names.function),
      above: RETRYING_MINUTES * 60_000,
      persistence: "once",
    },
    {
      id: "InFlight",
      what: "in-flight",
      meaning: `SQS will soon stop delivering to the service ${service}: too many of its messages are in flight.`,
      section: "in-flight",
      metric: metrics.inFlightMessages(names.queue),
      above: NEARLY_ALL * SQS_IN_FLIGHT_MESSAGES,
      persistence: "once",
    },
    {
      id: "FunctionErrors",
      what: "function-errors",
      meaning: `The function of the service ${service} keeps crashing, timing out or running out of memory.`,
      section: "function-errors",
      metric: metrics.functionErrorPercent(names.function),
      above: ERROR_PERCENT,
      persistence: "lasting",
    },
    {
      id: "Throttles",
      what: "throttles",
      meaning: `Lambda keeps refusing to run the function of the service ${service}: the account has no concurrency left.`,
      section: "throttles",
      metric: metrics.functionThrottles(names.function),
      above: 0,
      persistence: "lasting",
    },
    ...metrics.tableThrottles(names.table, indexes).map((metric, index): Part => {
      return {
        id: `TableThrottles${index === 0 ? "" : index + 1}`,
        what: tableThrottles(index),
        meaning: `DynamoDB keeps refusing reads or writes of the table of the service ${service}.`,
        section: "table-throttles",
        metric,
        above: 0,
        persistence: "lasting",
      };
    }),
    {
      id: "Slow",
      what: "slow",
      meaning: `The function of the service ${service} needs nearly all of its timeout.`,
      section: "slow",
      metric: metrics.functionDuration(names.function),
      above: NEARLY_ALL * functionTimeout.toMilliseconds(),
      persistence: "lasting",
    },
    ...(takesRequests ? partsOfRelay(names) : []),
  ];
}

/** A relay that does not run has no age: its errors and throttles tell. */
function partsOfRelay({ service, relay }: ServiceNames): Part[] {
  return [
    {
      id: "RelayBehind",
      what: "relay-behind",
      meaning: `Events that requests to the service ${service} have emitted are not published.`,
      section: "relay-behind",
      metric: metrics.streamAge(relay),
      above: RELAY_SECONDS * 1_000,
      persistence: "once",
    },
    {
      id: "RelayErrors",
      what: "relay-errors",
      meaning: `The relay of the service ${service} keeps crashing, timing out or running out of memory.`,
      section: "relay-behind",
      metric: metrics.functionErrorPercent(relay),
      above: ERROR_PERCENT,
      persistence: "lasting",
    },
    {
      id: "RelayThrottles",
      what: "relay-throttles",
      meaning: `Lambda keeps refusing to run the relay of the service ${service}: the account has no concurrency left.`,
      section: "relay-behind",
      metric: metrics.functionThrottles(relay),
      above: 0,
      persistence: "lasting",
    },
  ];
}

/** The reminders of dead letters. No parts: they can last for days, and would keep the composite alarm from telling of anything new. */
export function remindersOf({ names, topics }: Pick<WatchedService, "names" | "topics">): RunbookAlarmProps[] {
  const days = DEAD_LETTER_RETENTION.toDays() - REMINDER_DAYS;
  const queues = [names.deadLetterQueue, ...topics.map((topic) => names.undelivered(topic))];
  return metrics.oldestOf(queues).map((metric, index) => ({
    alarmName: names.alarm(numbered("forgotten-letters", index)),
    meaning: `A dead letter of the service ${names.service} is ${days} days old: SQS deletes it in ${REMINDER_DAYS} days.`,
    section: "forgotten-letters",
    metric,
    above: days * 24 * 60 * 60,
    persistence: "once",
  }));
}

/** The end of the name of the alarm on a topic's undelivered events. */
export function undeliveredFrom({ name }: TopicDefinition): string {
  return `${name}-undelivered`;
}

/** The end of the name of the first alarm on a table's throttles, or of another one where one cannot watch all indexes. */
export function tableThrottles(index: number): string {
  return numbered("table-throttles", index);
}

/** The first alarm of a kind goes without a number. */
function numbered(what: string, index: number): string {
  return index === 0 ? what : `${what}-${index + 1}`;
}
