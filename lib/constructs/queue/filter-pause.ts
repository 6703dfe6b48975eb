import { CustomResource, Duration, RemovalPolicy } from "aws-cdk-lib/core";
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { StageNames } from "../names.ts";

/** The longest that a function may run; half a minute of it is left for the answer. lambda/latest/dg/gettingstarted-limits */
const TIMEOUT = Duration.minutes(15);
const WAIT_SECONDS = TIMEOUT.toSeconds() - 30;

/** Waits, then tells CloudFormation so. AWSCloudFormation/latest/UserGuide, "Custom resource response objects" */
const WAITING = `
const { setTimeout: pause } = require("node:timers/promises");
exports.handler = async ({ RequestType, ResponseURL, StackId, RequestId, LogicalResourceId }) => {
  if (RequestType !== "Delete") await pause(${WAIT_SECONDS} * 1000);
  const answer = { Status: "SUCCESS", PhysicalResourceId: "filters", StackId, RequestId, LogicalResourceId };
  await fetch(ResponseURL, { method: "PUT", headers: { "content-type": "" }, body: JSON.stringify(answer) });
};
`;

export interface FilterPauseProps {
  readonly names: StageNames;
  /** Changes whenever a filter policy of the stage does. */
  readonly filters: string;
}

/**
 * Holds a deployment up for a quarter of an hour when a filter policy has changed: SNS takes up to 15 minutes until a changed filter
 * policy holds everywhere (sns/latest/dg/sns-subscription-filter-policies), and an event that is published earlier may be dropped.
 */
export class FilterPause extends Construct {
  constructor(scope: Construct, id: string, { names, filters }: FilterPauseProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: names.filterPauseLogGroup,
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const log = new PolicyStatement({
      effect: Effect.ALLOW,
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    });
    const waiting = new LambdaFunction(this, "Function", {
      functionName: names.filterPause,
      description: `Waits until the changed filter policies of stage ${names.stage} hold.`,
      architecture: Architecture.ARM_64,
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: Code.fromInline(WAITING.trim()),
      timeout: TIMEOUT,
      role: new Role(this, "Role", {
        assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
        inlinePolicies: { Log: new PolicyDocument({ statements: [log] }) },
      }),
      logGroup,
    });
    new CustomResource(this, "Pause", {
      serviceToken: waiting.functionArn,
      resourceType: "Custom::FilterPause",
      properties: { Filters: filters },
      serviceTimeout: Duration.minutes(20),
    });
  }
}
