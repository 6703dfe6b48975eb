import { Alarm, ComparisonOperator, type IAlarmAction, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";

/** The anchor of a section of docs/runbook.md. */
export type RunbookSection =
  | "unhealthy"
  | "dead-letters"
  | "forgotten-letters"
  | "undelivered"
  | "lost-deliveries"
  | "filtered-out"
  | "old-messages"
  | "retrying"
  | "in-flight"
  | "function-errors"
  | "throttles"
  | "table-throttles"
  | "slow"
  | "relay-behind"
  | "canary-errors";

/**
 * How many periods of five minutes must be over the threshold: `once` one of the last three, so that a number which falls back
 * at once is still seen; `lasting` three in a row, which is longer than what retries heal.
 */
export type Persistence = "once" | "lasting";

const PERIODS = 3;

export interface RunbookAlarmProps {
  readonly alarmName: string;
  /** What has happened when this alarm goes off, in a sentence. */
  readonly meaning: string;
  readonly section: RunbookSection;
  readonly metric: IMetric;
  /** The alarm goes off at more than this in a period. */
  readonly above: number;
  readonly persistence: Persistence;
  /** ARN of the SNS topic that is notified when the alarm starts and ends. @default - shown on the dashboard, part of another alarm */
  readonly notify?: string;
}

/**
 * An alarm whose description says what has happened and points to the runbook. Missing data does not raise it: a queue or a
 * function without data is idle.
 */
export class RunbookAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: RunbookAlarmProps) {
    super(scope, id);
    this.alarm = new Alarm(this, "Alarm", {
      alarmName: props.alarmName,
      alarmDescription: describe(props),
      metric: props.metric,
      threshold: props.above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: PERIODS,
      datapointsToAlarm: props.persistence === "once" ? 1 : PERIODS,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (props.notify === undefined) return;
    this.alarm.addAlarmAction(notification(props.notify));
    this.alarm.addOkAction(notification(props.notify));
  }
}

/** An alarm's description: what has happened, and where the runbook says what to do. */
export function describe({ meaning, section }: Pick<RunbookAlarmProps, "meaning" | "section">): string {
  return `${meaning} What to do: docs/runbook.md#${section}`;
}

/** Tells a topic. Not CDK's `SnsAction`, which takes a topic: only its ARN is known here. */
export function notification(topicArn: string): IAlarmAction {
  return { bind: () => ({ alarmActionArn: topicArn }) };
}
