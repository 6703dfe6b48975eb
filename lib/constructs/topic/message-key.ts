import { type RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { ownAlarms } from "../monitoring/alarm-topic.ts";
import type { StageNames } from "../names.ts";

export interface MessageKeyProps {
  readonly names: StageNames;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The customer key of a stage's topics and queues, and the SSM parameter in which the services' stacks find its ARN.
 * {@link allowDeliveryFrom} lets topics deliver to encrypted queues: without that grant SNS drops each message and does not
 * retry (sns/latest/dg/sns-dead-letter-queues). The stage's functions may use the key by its own policy, so that they may as soon as
 * there is one: topics and queues begin to use it before the functions' roles could be changed.
 */
export class MessageKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { names, removalPolicy }: MessageKeyProps) {
    super(scope, id);
    this.key = new Key(this, "Key", {
      alias: `fanfare-${names.stage}`,
      description: `Messages of Fanfare, stage ${names.stage}.`,
      enableKeyRotation: true,
      removalPolicy,
    });
    this.key.addToResourcePolicy(functionsOf(this, names));
    new StringParameter(this, "Arn", {
      parameterName: names.keyParameter,
      stringValue: this.key.keyArn,
      description: `ARN of the key of stage ${names.stage}'s topics and queues.`,
    });
  }

  /** Lets topics deliver to queues that this key encrypts. The ARNs must not be references, since the topics refer to the key. */
  allowDeliveryFrom(topicArns: readonly string[]): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "Delivery",
        principals: [new ServicePrincipal("sns.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: { ArnLike: { "aws:SourceArn": topicArns } },
      }),
    );
  }

  /** Lets the stage's alarms publish to a topic that this key encrypts: CloudWatch drops the notification otherwise. */
  allowAlarms(names: StageNames): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "Alarms",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: ownAlarms(this, names),
      }),
    );
  }
}

/**
 * Lets the stage's functions, whose roles have its tags, use the key through the services that encrypt with it.
 * kms/latest/developerguide/conditions-kms, "kms:ViaService"; IAM/latest/UserGuide, "aws:PrincipalTag"
 */
function functionsOf(scope: Construct, { stage }: StageNames): PolicyStatement {
  const { account, region, urlSuffix } = Stack.of(scope);
  return new PolicyStatement({
    sid: "Functions",
    principals: [new AnyPrincipal()],
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: ["*"],
    conditions: {
      StringEquals: {
        "kms:CallerAccount": account,
        "kms:ViaService": ["sns", "sqs", "s3"].map((service) => `${service}.${region}.${urlSuffix}`),
        "aws:PrincipalTag/application": "fanfare",
        "aws:PrincipalTag/stage": stage,
      },
    },
  });
}
