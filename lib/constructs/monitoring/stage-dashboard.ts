import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { TopicDefinition } from "../../contracts/topic.ts";
import * as metrics from "./metrics.ts";
import type { ServiceNames, StageNames } from "../names.ts";
import { serviceAlarmNames } from "./service-alarms.ts";

/** A service on the dashboard. */
export interface DashboardService {
  readonly names: ServiceNames;
  /** The topics it subscribes to. */
  readonly topics: readonly TopicDefinition[];
  /** The indexes of its table. */
  readonly indexes: readonly string[];
  readonly takesRequests: boolean;
}

export interface StageDashboardProps {
  readonly names: StageNames;
  readonly topics: readonly TopicDefinition[];
  /** The names of the topics' alarms. */
  readonly topicAlarms: readonly string[];
  readonly services: readonly DashboardService[];
}

/** CloudWatch's dashboards are 24 units wide. */
const FULL_WIDTH = 24;

/** A stage on one page: its alarms, then published events, waiting messages, failures, and the functions. */
export class StageDashboard extends Construct {
  constructor(scope: Construct, id: string, { names, topics, topicAlarms, services }: StageDashboardProps) {
    super(scope, id);
    const perTopic = (make: (name: string) => Metric): Line[] => topics.map((topic) => [topic.name, make(names.topic(topic))]);
    const perService = (make: (service: ServiceNames) => IMetric): Line[] =>
      services.map(({ names: service }) => [service.service, make(service)]);
    const perSubscription: Line[] = services.flatMap(({ names: service, topics: subscribed }) =>
      subscribed.map((topic): Line => [
        `${topic.name} to ${service.service}`,
        metrics.waitingMessages(service.undelivered(topic)),
      ]),
    );

    const dashboard = new Dashboard(this, "Dashboard", { dashboardName: names.dashboard });
    const alarms = [...services.flatMap(serviceAlarmNames), ...topicAlarms];
    dashboard.addWidgets(this.alarmStatus(alarms));
    dashboard.addWidgets(
      ...row(
        ["Events published", perTopic(metrics.publishedMessages)],
        ["Deliveries that SNS gave up", perTopic(metrics.failedDeliveries)],
        ["Undelivered events waiting", perSubscription],
      ),
      ...row(
        ["Messages waiting", perService((service) => metrics.waitingMessages(service.queue))],
        ["Age of the oldest message (s)", perService((service) => metrics.oldestMessageSeconds(service.queue))],
        ["Dead letters", perService((service) => metrics.waitingMessages(service.deadLetterQueue))],
      ),
      ...row(
        ["Events handled", perService((service) => metrics.handledEvents(service.function, "Done"))],
        ["Age of events when handled, p99 (ms)", perService((service) => metrics.eventAge(service.function))],
        ["Retries", perService((service) => metrics.handledEvents(service.function, "Retry"))],
        ["Duplicates", perService((service) => metrics.handledEvents(service.function, "Duplicate"))],
      ),
      ...row(
        ["Invocations", perService((service) => metrics.functionInvocations(service.function))],
        ["Errors", perService((service) => metrics.functionErrors(service.function))],
        ["Throttles", perService((service) => metrics.functionThrottles(service.function))],
        ["Duration, p99 (ms)", perService((service) => metrics.functionDuration(service.function))],
      ),
    );
  }

  private alarmStatus(alarmNames: readonly string[]): AlarmStatusWidget {
    return new AlarmStatusWidget({
      title: "Alarms (docs/runbook.md says what to do)",
      width: FULL_WIDTH,
      height: 1 + Math.ceil(alarmNames.length / 4),
      alarms: alarmNames.map((name) => Alarm.fromAlarmName(this, name, name)),
    });
  }
}

function labelled(metric: IMetric, label: string): IMetric {
  return metric instanceof Metric || metric instanceof MathExpression ? metric.with({ label }) : metric;
}

type Line = readonly [label: string, metric: IMetric];

function row(...graphs: readonly (readonly [title: string, lines: readonly Line[]])[]): GraphWidget[] {
  return graphs.map(
    ([title, lines]) =>
      new GraphWidget({
        title,
        width: FULL_WIDTH / graphs.length,
        left: lines.map(([label, metric]) => labelled(metric, label)),
        leftYAxis: { min: 0, showUnits: false },
      }),
  );
}
