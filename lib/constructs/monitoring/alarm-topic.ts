import { ArnFormat, Stack } from "aws-cdk-lib/core";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Subscription, SubscriptionProtocol, Topic } from "aws-cdk-lib/aws-sns";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import type { StageNames } from "../names.ts";

export interface AlarmTopicProps {
  readonly names: StageNames;
  /** The address that is told; it must confirm the subscription. */
  readonly email: string;
  /** Encrypts the topic. Its policy must let CloudWatch use it: `MessageKey.allowAlarms`. @default - no customer key */
  readonly key?: IKey;
}

/**
 * Adds the topic that a stage's alarms tell, the address that hears it, and the SSM parameter of its ARN. They stand in the scope
 * itself and keep their logical ids: a subscription that is made again has to be confirmed again.
 */
export function addAlarmTopic(scope: Construct, { names, email, key }: AlarmTopicProps): Topic {
  const topic = new Topic(scope, "AlarmTopic", {
    topicName: names.alarmTopic,
    enforceSSL: true,
    ...(key && { masterKey: key }),
  });
  // A topic with a policy has no default policy, which would let the account's alarms publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "Alarms",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: ownAlarms(scope, names),
    }),
  );
  new Subscription(scope, "AlarmEmail", { topic, protocol: SubscriptionProtocol.EMAIL, endpoint: email });
  new StringParameter(scope, "AlarmTopicArn", {
    parameterName: names.alarmTopicParameter,
    stringValue: topic.topicArn,
    description: `ARN of the topic for alarms of stage ${names.stage}.`,
  });
  return topic;
}

/**
 * The conditions under which CloudWatch acts for an alarm of this stage, and not for somebody else's. AmazonCloudWatch, "Notifying
 * users on alarm changes"; SNS, "Enable compatibility between event sources from AWS services and encrypted topics"
 */
export function ownAlarms(scope: Construct, names: StageNames) {
  const stack = Stack.of(scope);
  const alarms = {
    service: "cloudwatch",
    resource: "alarm",
    resourceName: `${names.alarmPrefix}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  };
  return {
    StringEquals: { "aws:SourceAccount": stack.account },
    ArnLike: { "aws:SourceArn": stack.formatArn(alarms) },
  };
}
