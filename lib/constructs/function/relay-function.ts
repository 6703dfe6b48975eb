import { ArnFormat, Duration, Stack, Validations } from "aws-cdk-lib/core";
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { functionVariables as variable } from "../../contracts/function-variables.ts";
import { FOR_RELAY, INBOX_KIND } from "../../contracts/item-attributes.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { topicsOf, topicVariable } from "../../contracts/topic.ts";
import type { StageNames } from "../names.ts";
import type { Bundle } from "./bundle.ts";
import { given, versionOf } from "./function-variables.ts";
import { ServiceFunction } from "./service-function.ts";
import { wildcardFinding } from "./wildcard-finding.ts";

/** Changes per invocation: each may carry several events of up to 256 KB, and an invocation's payload is 6 MB at most. */
const BATCH_SIZE = 100;

/** The records of the stream that concern the relay: inbox records of requests that have emitted events. */
const FOR_THE_RELAY = {
  Keys: { pk: { S: FilterRule.beginsWith(`${INBOX_KIND}#`) } },
  NewImage: { [FOR_RELAY]: { BOOL: [true] } },
};

/** Enough for a batch while SNS is slow. */
const TIMEOUT = Duration.seconds(60);

export interface RelayFunctionProps {
  readonly names: StageNames;
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
  /** ARN of the stream of the service's table. */
  readonly streamArn: string;
  /** The ARN of each topic that the service publishes to, by the topic's name. */
  readonly topicArns: ReadonlyMap<string, string>;
}

/**
 * Publishes what a service's requests have emitted: it reads the committed records from the stream of the service's table. Lambda reads the
 * stream free of charge and filters it, so that other changes of the table invoke nothing. See docs/decisions/relay.md.
 */
export class RelayFunction extends Construct {
  constructor(scope: Construct, id: string, { definition, bundle, streamArn, topicArns, ...props }: RelayFunctionProps) {
    super(scope, id);
    const names = props.names.service(definition);
    const topics = topicsOf(definition.publishes);
    const arns = new Map(topics.map((topic) => [topicVariable(topic), given(topicArns, topic.name)]));
    const { function: relay } = new ServiceFunction(this, "Function", {
      functionName: names.relay,
      description: `Publishes what requests to the service ${definition.name} have emitted.`,
      bundle,
      timeout: TIMEOUT,
      role: this.role(streamArn, [...arns.values()], names.relayLogGroup),
      logGroup: LogGroup.fromLogGroupName(this, "Logs", names.relayLogGroup),
      environment: {
        [variable.service]: definition.name,
        [variable.version]: versionOf(bundle.hash),
        [variable.logLevel]: "INFO",
        ...Object.fromEntries(arns),
      },
    });
    new EventSourceMapping(this, "Mapping", {
      target: relay,
      eventSourceArn: streamArn,
      // Not the latest: what is committed while the mapping is made would never be published.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH_SIZE,
      reportBatchItemFailures: true,
      filters: [FilterCriteria.filter({ dynamodb: FOR_THE_RELAY })],
    });
  }

  /** What the relay may do: single actions on single resources, in an inline policy, so that it never runs with half of it. */
  private role(streamArn: string, topicArns: readonly string[], logGroupName: string): Role {
    const logGroupArn = Stack.of(this).formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: `${logGroupName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const statements = [
      // amazondynamodb, "IAM policy to allow an AWS Lambda function to access DynamoDB stream records"
      allow(
        "Read",
        streamArn,
        ...["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map((it) => `dynamodb:${it}`),
      ),
      ...topicArns.map((topicArn, index) => allow(`Publish${index + 1}`, topicArn, "sns:Publish")),
      allow("Log", logGroupArn, "logs:CreateLogStream", "logs:PutLogEvents"),
    ];
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Relay: new PolicyDocument({ statements }) },
    });
    Validations.of(role).acknowledge({
      id: wildcardFinding(this, logGroupArn),
      reason: "Lambda makes a log stream for each execution environment, under a name that it chooses.",
    });
    return role;
  }
}

function allow(sid: string, resource: string, ...actions: string[]): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources: [resource] });
}
