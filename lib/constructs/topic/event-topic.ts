import type { IKey } from "aws-cdk-lib/aws-kms";
import { FifoThroughputScope, Topic } from "aws-cdk-lib/aws-sns";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import type { TopicDefinition } from "../../contracts/topic.ts";
import type { StageNames } from "../names.ts";

export interface EventTopicProps {
  readonly names: StageNames;
  readonly topic: TopicDefinition;
  /**
   * Encrypts messages while the topic delivers them. Publishers then need `kms:GenerateDataKey` and `kms:Decrypt` on it.
   * @default - no customer key
   */
  readonly key?: IKey;
}

/**
 * An SNS topic that accepts TLS only, and the SSM parameter `/fanfare/<stage>/topics/<topic>` in which services and producers
 * find its ARN.
 */
export class EventTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { names, topic, key }: EventTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", {
      topicName: names.topic(topic),
      enforceSSL: true,
      // High throughput: deduplication and the throughput limit apply per message group, here the subject.
      // sns/latest/dg/fifo-high-throughput
      ...(topic.fifo && { fifo: true, fifoThroughputScope: FifoThroughputScope.MESSAGE_GROUP }),
      ...(key && { masterKey: key }),
    });
    new StringParameter(this, "Arn", {
      parameterName: names.topicParameter(topic.name),
      stringValue: this.topic.topicArn,
      description: `ARN of the topic ${topic.name} of stage ${names.stage}.`,
    });
  }
}
