import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";

/** The anchor of a section of docs/runbook.md. */
export type RunbookSection = "dead-letters" | "undelivered" | "old-messages" | "function-errors" | "throttles";

export interface RunbookAlarmProps {
  readonly alarmName: string;
  /** What has happened when this alarm goes off, in a sentence. */
  readonly meaning: string;
  readonly section: RunbookSection;
  readonly metric: IMetric;
  /** The alarm goes off at more than this in one period. */
  readonly above: number;
  /** ARN of the SNS topic that is notified when the alarm starts and ends. @default - only shown on the dashboard */
  readonly notify?: string;
}

/** An alarm whose description says what has happened and points to the runbook. Missing data does not raise it. */
export class RunbookAlarm extends Construct {
  constructor(scope: Construct, id: string, props: RunbookAlarmProps) {
    super(scope, id);
    const alarm = new Alarm(this, "Alarm", {
      alarmName: props.alarmName,
      alarmDescription: `${props.meaning} What to do: docs/runbook.md#${props.section}`,
      metric: props.metric,
      threshold: props.above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const { notify } = props;
    if (notify === undefined) return;
    // Not `SnsAction`, which takes a topic: only its ARN is known here.
    const action = { bind: () => ({ alarmActionArn: notify }) };
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
