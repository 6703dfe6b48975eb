import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";

/** A section of docs/runbook.md: its anchor. */
export type RunbookSection = "dead-letters" | "undelivered" | "old-messages" | "function-errors" | "throttles";

export interface RunbookAlarmProps {
  readonly alarmName: string;
  /** One sentence: what has happened when this alarm goes off. */
  readonly meaning: string;
  readonly section: RunbookSection;
  readonly metric: IMetric;
  /** The alarm goes off at more than this in one period. */
  readonly above: number;
  /** The SNS topic that is told of it, and of its end. @default - nobody is told; the alarm shows on the dashboard */
  readonly notify?: string;
}

/** An alarm whose description says what has happened and where the runbook says what to do. Silence is no alarm. */
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
    // Written out: `SnsAction` takes a topic, and here is only an ARN.
    const action = { bind: () => ({ alarmActionArn: notify }) };
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
