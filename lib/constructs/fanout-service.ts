import { type Duration, RemovalPolicy } from "aws-cdk-lib/core";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { indexesOf, isOrdered, type ServiceDefinition } from "../contracts/service.ts";
import { topicsOf } from "../contracts/topic.ts";
import { given } from "./function/function-variables.ts";
import { serviceLimits } from "./function/service-limits.ts";
import { ServiceAlarms } from "./monitoring/service-alarms.ts";
import { fateOf } from "./fate.ts";
import { retentionOf } from "./log-retention.ts";
import type { StageNames } from "./names.ts";
import { EventSubscription } from "./queue/event-subscription.ts";
import { filterPolicyOf } from "./queue/filter-policy.ts";
import { ServiceQueue } from "./queue/service-queue.ts";
import { ServiceTable } from "./service-table.ts";

export interface FanoutServiceProps {
  readonly names: StageNames;
  readonly definition: ServiceDefinition;
  /** The ARN of each topic that the service consumes from, by the topic's name. */
  readonly topicArns: ReadonlyMap<string, string>;
  /** Keeps queues, tables and logs when the stack is deleted, and protects the table from deletion. */
  readonly keepsData: boolean;
  /** Days that CloudWatch keeps the service's log lines: one of those that it offers. */
  readonly logDays: number;
  /** At least six function timeouts. @default six function timeouts */
  readonly visibilityTimeout?: Duration;
  /** The key of topics and queues. @default - keys that SQS manages */
  readonly key?: IKey;
  /** ARN of the SNS topic that alarms notify. @default - none */
  readonly notify?: string;
}

/**
 * What a service keeps from one deployment of its code to the next: subscriptions, queue and dead-letter queue, table, log group,
 * alarms. Its function is a {@link ConsumerFunction}, in a stack that is deployed later.
 *
 * @throws ConfigurationError when a figure is outside AWS's limits, or would make the service unsafe.
 */
export class FanoutService extends Construct {
  constructor(scope: Construct, id: string, props: FanoutServiceProps) {
    super(scope, id);
    const { definition, topicArns, key } = props;
    const removalPolicy = fateOf(props.keepsData);
    const names = props.names.service(definition);
    const { timeout: functionTimeout } = serviceLimits(definition);
    const common = { names, removalPolicy, ...(key && { key }) };

    const { table } = new ServiceTable(this, "Table", {
      ...common,
      indexes: indexesOf(definition.owns),
      stream: definition.takesRequests === true,
      deletionProtection: props.keepsData,
      // Protected from deletion, it would make the rollback of its own creation fail.
      removalPolicy: props.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const { queue, deadLetterQueue, visibilityTimeout } = new ServiceQueue(this, "Queue", {
      ...common,
      ordered: isOrdered(definition),
      functionTimeout,
      ...(props.visibilityTimeout && { visibilityTimeout: props.visibilityTimeout }),
    });
    const logs = { retention: retentionOf(names.service, props.logDays), removalPolicy };
    new LogGroup(this, "Logs", { logGroupName: names.logGroup, ...logs });
    if (table.tableStreamArn !== undefined) {
      new LogGroup(this, "RelayLogs", { logGroupName: names.relayLogGroup, ...logs });
      new StringParameter(this, "StreamArn", {
        parameterName: names.streamArnParameter,
        stringValue: table.tableStreamArn,
        description: `ARN of the stream of the table of the service ${names.service}.`,
      });
    }
    new StringParameter(this, "QueueUrl", {
      parameterName: names.queueUrlParameter,
      stringValue: queue.queueUrl,
      description: `URL of the queue of the service ${names.service}.`,
    });
    new StringParameter(this, "DeadLetterQueueUrl", {
      parameterName: names.deadLetterQueueUrlParameter,
      stringValue: deadLetterQueue.queueUrl,
      description: `URL of the dead-letter queue of the service ${names.service}.`,
    });

    const topics = topicsOf(definition.consumes);
    for (const topic of topics) {
      const consumed = definition.consumes.filter((event) => event.topic === topic);
      const filterPolicy = filterPolicyOf(definition, consumed);
      const topicArn = given(topicArns, topic.name);
      new EventSubscription(this, `From-${topic.name}`, { ...common, topic, topicArn, filterPolicy, queue });
    }
    new ServiceAlarms(this, "Alarms", {
      names,
      topics,
      indexes: indexesOf(definition.owns),
      takesRequests: definition.takesRequests === true,
      visibilityTimeout,
      functionTimeout,
      ...(props.notify !== undefined && { notify: props.notify }),
    });
  }
}
