import { type Duration, RemovalPolicy, Stack } from "aws-cdk-lib/core";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { AnyEventDefinition } from "../contracts/event.ts";
import { isOrdered, type ServiceDefinition } from "../contracts/service.ts";
import { claimPrefix, largeTopicsOf } from "../contracts/claim-check.ts";
import { topicsOf } from "../contracts/topic.ts";
import { understoodTypes } from "../contracts/versions.ts";
import type { Bundle } from "./function/bundle.ts";
import { requireDataOutlivesEvents } from "./topic/claim-check-bucket.ts";
import { EventSubscription } from "./queue/event-subscription.ts";
import type { StageNames } from "./names.ts";
import { ServiceAlarms } from "./monitoring/service-alarms.ts";
import { functionVariables, given } from "./function/function-variables.ts";
import { inboxDays } from "./inbox-window.ts";
import { ServiceFunction } from "./function/service-function.ts";
import { serviceLimits } from "./function/service-limits.ts";
import { ServiceQueue } from "./queue/service-queue.ts";
import { ServiceRole } from "./function/service-role.ts";
import { ServiceTable } from "./service-table.ts";

export interface FanoutServiceProps {
  readonly names: StageNames;
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
  /** The ARN of each topic that the service consumes from or publishes to, by the topic's name. */
  readonly topicArns: ReadonlyMap<string, string>;
  /** The value of each of the definition's settings, by its name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Name of the bucket of large events' data. @default - no topic of the service takes large events */
  readonly claimCheckBucket?: string;
  /** Sender of the service's e-mail, if it sends any; its domain must be verified in SES. */
  readonly emailFrom: string;
  /** Keeps queues, tables and logs when the stack is deleted, and protects the table from deletion. */
  readonly keepsData: boolean;
  readonly logRetention: RetentionDays;
  /** Days that the inbox remembers an event; at least as long as a copy of it can be redelivered. @default 32 */
  readonly inboxDays?: number;
  /** At least six function timeouts. @default six function timeouts */
  readonly visibilityTimeout?: Duration;
  /** The key of topics and queues. @default - keys that SQS manages */
  readonly key?: IKey;
  /** ARN of the SNS topic that alarms notify. @default - none */
  readonly notify?: string;
}

/**
 * A complete service: subscriptions, queue and dead-letter queue, event source mapping, function with role and log group,
 * table, alarms.
 *
 * @throws ConfigurationError when a figure is outside AWS's limits, or would make the service unsafe.
 */
export class FanoutService extends Construct {
  constructor(scope: Construct, id: string, props: FanoutServiceProps) {
    super(scope, id);
    const { definition, topicArns, settings, claimCheckBucket, key } = props;
    const { timeout, batchSize, maximumConcurrency } = serviceLimits(definition);
    const removalPolicy = props.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const names = props.names.service(definition);
    const remembered = inboxDays(definition.name, props.inboxDays);
    if (largeTopicsOf(definition.publishes).length > 0) requireDataOutlivesEvents(definition.name, remembered);
    const common = { names, removalPolicy, ...(key && { key }) };

    const { table } = new ServiceTable(this, "Table", { ...common, deletionProtection: props.keepsData });
    const { queue, deadLetterQueue, visibilityTimeout } = new ServiceQueue(this, "Queue", {
      ...common,
      ordered: isOrdered(definition),
      functionTimeout: timeout,
      ...(props.visibilityTimeout && { visibilityTimeout: props.visibilityTimeout }),
    });
    const logGroup = new LogGroup(this, "Logs", { logGroupName: names.logGroup, retention: props.logRetention, removalPolicy });

    const { role } = new ServiceRole(this, "Role", {
      queueArn: queue.queueArn,
      deadLetterQueueArn: deadLetterQueue.queueArn,
      tableArn: table.tableArn,
      logGroupArn: logGroup.logGroupArn,
      topicArns: topicsOf(definition.publishes).map(({ name }) => given(topicArns, name)),
      deposits: largeDataOf(this, definition.publishes, claimCheckBucket),
      claims: largeDataOf(this, definition.consumes, claimCheckBucket),
      ...(definition.sendsEmail && { senderIdentityArn: senderIdentity(this, props.emailFrom) }),
      ...(key && { keyArn: key.keyArn }),
    });
    const { function: consumer } = new ServiceFunction(this, "Function", {
      names,
      description: definition.description,
      bundle: props.bundle,
      timeout,
      role,
      logGroup,
      environment: functionVariables({
        definition,
        stage: props.names.stage,
        version: props.bundle.hash,
        table: table.tableName,
        queueUrl: queue.queueUrl,
        deadLetterQueueUrl: deadLetterQueue.queueUrl,
        inboxDays: remembered,
        emailFrom: props.emailFrom,
        topicArns,
        settings,
        ...(claimCheckBucket !== undefined && { claimCheckBucket }),
      }),
    });
    new EventSourceMapping(this, "Mapping", {
      target: consumer,
      eventSourceArn: queue.queueArn,
      batchSize,
      maxConcurrency: maximumConcurrency,
      reportBatchItemFailures: true,
    });

    const topics = topicsOf(definition.consumes);
    for (const topic of topics) {
      const consumed = definition.consumes.filter((event) => event.topic === topic);
      const eventTypes = [...new Set(consumed.flatMap(understoodTypes))];
      const topicArn = given(topicArns, topic.name);
      new EventSubscription(this, `From-${topic.name}`, { ...common, topic, topicArn, eventTypes, queue });
    }
    new ServiceAlarms(this, "Alarms", {
      names,
      topics,
      visibilityTimeout,
      ...(props.notify !== undefined && { notify: props.notify }),
    });
  }
}

/** The objects of the topics with large events among some events' topics, as ARNs. */
function largeDataOf(scope: Construct, events: readonly AnyEventDefinition[], bucket: string | undefined): string[] {
  return largeTopicsOf(events).map((topic) => {
    if (bucket === undefined) throw new Error(`no bucket was given for the large events of the topic "${topic.name}"`);
    const objects = { service: "s3", region: "", account: "", resource: bucket, resourceName: `${claimPrefix(topic)}*` };
    return Stack.of(scope).formatArn(objects);
  });
}

/** The SES identity: the domain of the sender's address. */
function senderIdentity(scope: Construct, address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return Stack.of(scope).formatArn({ service: "ses", resource: "identity", resourceName: domain });
}
