import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

export interface ServiceRoleProps {
  readonly queueArn: string;
  readonly deadLetterQueueArn: string;
  readonly tableArn: string;
  readonly logGroupArn: string;
  /** The topics that the service publishes to. */
  readonly topicArns: readonly string[];
  /** The SES identity that the service sends from. @default - the service sends no e-mail */
  readonly senderIdentityArn?: string;
  /** The key of the queues and topics. @default - no key of the customer */
  readonly keyArn?: string;
}

/**
 * What one service's function may do: single actions on single resources. The policy is part of the role, so that the function
 * never runs with half of it.
 */
export class ServiceRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Service: new PolicyDocument({ statements: statements(props) }) },
    });
  }
}

function statements(props: ServiceRoleProps): PolicyStatement[] {
  const { queueArn, deadLetterQueueArn, tableArn, logGroupArn, topicArns, senderIdentityArn, keyArn } = props;
  return [
    allow(
      "Receive",
      queueArn,
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:ChangeMessageVisibility",
      "sqs:GetQueueAttributes",
    ),
    allow("GiveUp", deadLetterQueueArn, "sqs:SendMessage"),
    // A transaction is authorised through the actions of its parts: amazondynamodb, "Using IAM with DynamoDB transactions".
    allow(
      "Keep",
      tableArn,
      ...["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"].map(dynamodb),
    ),
    ...topicArns.map((topicArn, index) => allow(`Publish${index + 1}`, topicArn, "sns:Publish")),
    allow("Log", logGroupArn, "logs:CreateLogStream", "logs:PutLogEvents"),
    ...(senderIdentityArn === undefined ? [] : [allow("SendEmail", senderIdentityArn, "ses:SendEmail")]),
    ...(keyArn === undefined ? [] : [allow("UseKey", keyArn, "kms:Decrypt", "kms:GenerateDataKey")]),
  ];
}

function allow(sid: string, resource: string, ...actions: string[]): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources: [resource] });
}

function dynamodb(action: string): string {
  return `dynamodb:${action}`;
}
