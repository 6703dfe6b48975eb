import { ArnFormat, Stack } from "aws-cdk-lib/core";
import { CfnEventSourceMapping, EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { claimPrefix, largeTopicsOf } from "../../contracts/claim-check.ts";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import { indexesOf, isOrdered, type ServiceDefinition } from "../../contracts/service.ts";
import { topicsOf } from "../../contracts/topic.ts";
import { inboxDays } from "../inbox-window.ts";
import type { StageNames } from "../names.ts";
import { requireDataOutlivesEvents } from "../topic/claim-check-bucket.ts";
import type { Bundle } from "./bundle.ts";
import { CanaryDeployment } from "./canary-deployment.ts";
import { functionVariables, given } from "./function-variables.ts";
import { ServiceFunction } from "./service-function.ts";
import { serviceLimits } from "./service-limits.ts";
import { ServiceRole } from "./service-role.ts";

export interface ConsumerFunctionProps {
  readonly names: StageNames;
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** The ARN of each topic that the service publishes to, by the topic's name. */
  readonly topicArns: ReadonlyMap<string, string>;
  /** The value of each of the definition's settings, by its name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Name of the bucket of large events' data. @default - no topic of the service takes large events */
  readonly claimCheckBucket?: string;
  /** Sender of the service's e-mail, if it sends any; its domain must be verified in SES. */
  readonly emailFrom: string;
  /** Moves to new code by a canary: see {@link CanaryDeployment}. */
  readonly canary: boolean;
  /** ARN of the SNS topic that is notified when a canary fails. @default - none */
  readonly notify?: string;
  /** Whether the function sends its spans to X-Ray. */
  readonly traced: boolean;
  /** Days that the inbox remembers an event; at least as long as a copy of it can be redelivered. @default 32 */
  readonly inboxDays?: number;
}

/**
 * A service's code: the function with its role, and the event source mapping that feeds it from the service's queue. Queue, table and
 * log group belong to the service's {@link FanoutService}, in another stack, and are found by their fixed names.
 *
 * @throws ConfigurationError when a figure is outside AWS's limits, or would make the service unsafe.
 */
export class ConsumerFunction extends Construct {
  constructor(scope: Construct, id: string, props: ConsumerFunctionProps) {
    super(scope, id);
    const { definition, topicArns, settings, claimCheckBucket, queueUrl, deadLetterQueueUrl } = props;
    const { timeout, batchSize, maximumConcurrency } = serviceLimits(definition);
    const names = props.names.service(definition);
    const remembered = inboxDays(definition.name, props.inboxDays);
    if (largeTopicsOf(definition.publishes).length > 0) requireDataOutlivesEvents(definition.name, remembered);
    const stack = Stack.of(this);
    const queueArn = stack.formatArn({ service: "sqs", resource: names.queue });
    const tableArn = stack.formatArn({ service: "dynamodb", resource: "table", resourceName: names.table });
    const logGroup = LogGroup.fromLogGroupName(this, "Logs", names.logGroup);

    const secrets = new Map((definition.secrets ?? []).map((it) => [it, props.names.settingParameter(definition.name, it)]));

    const { role } = new ServiceRole(this, "Role", {
      queueArn,
      ordered: isOrdered(definition),
      deadLetterQueueArn: stack.formatArn({ service: "sqs", resource: names.deadLetterQueue }),
      tableArn,
      queriedArns: queriedArns(definition, tableArn),
      hasHomes: definition.inbox !== undefined,
      logGroupArn: stack.formatArn({
        service: "logs",
        resource: "log-group",
        resourceName: `${names.logGroup}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      topicArns: topicsOf(definition.publishes).map(({ name }) => given(topicArns, name)),
      deposits: largeDataOf(this, definition.publishes, claimCheckBucket),
      claims: largeDataOf(this, definition.consumes, claimCheckBucket),
      secretArns: [...secrets.values()].map((parameter) => parameterArn(this, parameter)),
      traced: props.traced,
      ...(definition.sendsEmail && { senderIdentityArn: senderIdentity(this, props.emailFrom) }),
    });
    const { function: consumer } = new ServiceFunction(this, "Function", {
      functionName: names.function,
      description: definition.description,
      bundle: props.bundle,
      timeout,
      role,
      logGroup,
      environment: functionVariables({
        definition,
        stage: props.names.stage,
        version: props.bundle.hash,
        table: names.table,
        queueUrl,
        deadLetterQueueUrl,
        inboxDays: remembered,
        emailFrom: props.emailFrom,
        topicArns,
        settings,
        secrets,
        ...(claimCheckBucket !== undefined && { claimCheckBucket }),
        ...(props.traced && { tracesEndpoint: `https://xray.${stack.region}.${stack.urlSuffix}/v1/traces` }),
      }),
    });
    const mapping = new EventSourceMapping(this, "Mapping", {
      target: consumer,
      eventSourceArn: queueArn,
      batchSize,
      maxConcurrency: maximumConcurrency,
      reportBatchItemFailures: true,
    });
    if (!props.canary) return;
    const { aliasArn } = new CanaryDeployment(this, "Canary", {
      names,
      function: consumer,
      settings,
      alarmNames: [names.alarm("dead-letters")],
      ...(props.notify !== undefined && { notify: props.notify }),
    });
    const resource = mapping.node.defaultChild;
    if (!(resource instanceof CfnEventSourceMapping)) throw new Error("expected a mapping to be one resource");
    resource.functionName = aliasArn;
  }
}

/** What a service queries: its table where it queries any entity, and the indexes of those. */
function queriedArns({ queries = [] }: ServiceDefinition, tableArn: string): string[] {
  return queries.length === 0 ? [] : [tableArn, ...indexesOf(queries).map((index) => `${tableArn}/index/${index}`)];
}

/** The objects of the topics with large events among some events' topics, as ARNs. */
function largeDataOf(scope: Construct, events: readonly AnyEventDefinition[], bucket: string | undefined): string[] {
  return largeTopicsOf(events).map((topic) => {
    if (bucket === undefined) throw new Error(`no bucket was given for the large events of the topic "${topic.name}"`);
    const objects = { service: "s3", region: "", account: "", resource: bucket, resourceName: `${claimPrefix(topic)}*` };
    return Stack.of(scope).formatArn(objects);
  });
}

function parameterArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: "ssm", resource: "parameter", resourceName: name.replace(/^\//, "") });
}

/** The SES identity: the domain of the sender's address. */
function senderIdentity(scope: Construct, address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return Stack.of(scope).formatArn({ service: "ses", resource: "identity", resourceName: domain });
}
