import { AlarmRule, AlarmState, CompositeAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { describe, notification, RunbookAlarm } from "./runbook-alarm.ts";
import { tableThrottles as throttlesOf } from "./metrics.ts";
import { partsOf, remindersOf, tableThrottles, undeliveredFrom, type WatchedService } from "./service-health.ts";

export interface ServiceAlarmsProps extends WatchedService {
  /** ARN of the SNS topic that is notified. @default - none */
  readonly notify?: string;
}

/**
 * The alarms of one service: `fanfare-<stage>-<service>-<what>`. With somebody to tell, one composite alarm tells them when any part
 * of the service's health is bad; the parts tell nobody. docs/runbook.md has the reason for each threshold.
 */
export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, props: ServiceAlarmsProps) {
    super(scope, id);
    const { names, notify } = props;
    const parts = partsOf(props).map(({ id: partId, what, ...part }) => {
      return new RunbookAlarm(this, partId, { alarmName: names.alarm(what), ...part }).alarm;
    });
    for (const [index, reminder] of remindersOf(props).entries()) {
      const told = notify !== undefined && { notify };
      new RunbookAlarm(this, `Forgotten${index === 0 ? "" : index + 1}`, { ...reminder, ...told });
    }
    if (notify === undefined) return;
    const composite = new CompositeAlarm(this, "Unhealthy", {
      compositeAlarmName: names.alarm("unhealthy"),
      alarmDescription: describe({ meaning: `The service ${names.service} needs somebody.`, section: "unhealthy" }),
      alarmRule: AlarmRule.anyOf(...parts.map((part) => AlarmRule.fromAlarm(part, AlarmState.ALARM))),
    });
    composite.addAlarmAction(notification(notify));
    composite.addOkAction(notification(notify));
  }
}

/** Alarms on a relay. */
const RELAY = ["relay-behind", "relay-errors", "relay-throttles"];

/** The names of the alarms that {@link ServiceAlarms} makes, without the composite. */
export function serviceAlarmNames({
  names,
  topics,
  indexes,
  takesRequests,
}: Pick<WatchedService, "names" | "topics" | "indexes" | "takesRequests">): string[] {
  const ofTable = throttlesOf(names.table, indexes).map((_, index) => tableThrottles(index));
  const ofFunction = ["function-errors", "throttles", ...ofTable, "slow", ...(takesRequests ? RELAY : [])];
  const all = ["dead-letters", ...topics.map(undeliveredFrom), "old-messages", "retrying", "in-flight", ...ofFunction];
  return [...all.map((what) => names.alarm(what)), ...remindersOf({ names, topics }).map(({ alarmName }) => alarmName)];
}
