import { Validations } from "aws-cdk-lib/core";
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { wildcardFinding } from "./wildcard-finding.ts";

export interface ServiceRoleProps {
  readonly queueArn: string;
  /** Whether the queue is FIFO: its messages wait in it, where those of a standard queue are sent again. */
  readonly ordered: boolean;
  readonly deadLetterQueueArn: string;
  readonly tableArn: string;
  /** What the service queries: its table, and indexes of it. */
  readonly queriedArns: readonly string[];
  /** Whether its inbox lies in its items: then its first function looks if the table is new. */
  readonly hasHomes: boolean;
  readonly logGroupArn: string;
  /** The topics that the service publishes to. */
  readonly topicArns: readonly string[];
  /** ARNs of the claim-check objects of the topics with large events that the service publishes to, and consumes from. */
  readonly deposits: readonly string[];
  readonly claims: readonly string[];
  /** The SSM parameters of the service's secrets. Those encrypted with `aws/ssm` ask for no right to the key: see docs/decisions/secrets.md. */
  readonly secretArns: readonly string[];
  /** Whether the function sends its spans to X-Ray. */
  readonly traced: boolean;
  /** The SES identity that the service sends from. @default - the service sends no e-mail */
  readonly senderIdentityArn?: string;
}

/**
 * What one service's function may do: single actions on single resources. The policy is inline, so that the function never runs
 * with half of it. The key of topics and queues, where there is one, is the functions' to use by its own policy: see MessageKey.
 */
export class ServiceRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Service: new PolicyDocument({ statements: statements(props) }) },
    });
    this.acknowledge("The data of each large event is an object of its own, below the prefix of its topic.", [
      ...props.deposits,
      ...props.claims,
    ]);
    this.acknowledge("Lambda makes a log stream for each execution environment, under a name that it chooses.", [
      props.logGroupArn,
    ]);
    if (props.traced) this.acknowledge("X-Ray has no resources that a permission to write spans could name.", ["*"]);
  }

  private acknowledge(reason: string, arns: readonly string[]): void {
    for (const arn of new Set(arns)) Validations.of(this.role).acknowledge({ id: wildcardFinding(this, arn), reason });
  }
}

function statements(props: ServiceRoleProps): PolicyStatement[] {
  const {
    queueArn,
    ordered,
    deadLetterQueueArn,
    tableArn,
    queriedArns,
    hasHomes,
    logGroupArn,
    topicArns,
    deposits,
    claims,
    secretArns,
    traced,
    senderIdentityArn,
  } = props;
  return [
    allow(
      "Receive",
      queueArn,
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:ChangeMessageVisibility",
      "sqs:GetQueueAttributes",
    ),
    ...(ordered ? [] : [allow("SendAgain", queueArn, "sqs:SendMessage")]),
    allow("GiveUp", deadLetterQueueArn, "sqs:SendMessage"),
    // A transaction is authorized by the actions of its parts: amazondynamodb, "Using IAM with DynamoDB transactions".
    allow(
      "Keep",
      tableArn,
      ...["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"].map(dynamodb),
    ),
    ...queriedArns.map((queriedArn, index) => allow(`Query${index + 1}`, queriedArn, dynamodb("Query"))),
    ...(hasHomes ? [allow("Begin", tableArn, dynamodb("Scan"))] : []),
    ...topicArns.map((topicArn, index) => allow(`Publish${index + 1}`, topicArn, "sns:Publish")),
    ...deposits.map((objects, index) => allow(`Deposit${index + 1}`, objects, "s3:PutObject")),
    ...claims.map((objects, index) => allow(`Redeem${index + 1}`, objects, "s3:GetObject")),
    ...secretArns.map((parameter, index) => allow(`Secret${index + 1}`, parameter, "ssm:GetParameter")),
    // Service Authorization Reference, "Actions, resources, and condition keys for AWS X-Ray"
    ...(traced ? [allow("Trace", "*", "xray:PutTraceSegments")] : []),
    allow("Log", logGroupArn, "logs:CreateLogStream", "logs:PutLogEvents"),
    ...(senderIdentityArn === undefined ? [] : [allow("SendEmail", senderIdentityArn, "ses:SendEmail")]),
  ];
}

function allow(sid: string, resource: string, ...actions: string[]): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources: [resource] });
}

function dynamodb(action: string): string {
  return `dynamodb:${action}`;
}
