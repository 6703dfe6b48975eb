import { Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { ServiceDefinition } from "../contracts/service.ts";
import type { TopicDefinition } from "../contracts/topic.ts";
import { fateOf } from "../constructs/fate.ts";
import { addAlarmTopic } from "../constructs/monitoring/alarm-topic.ts";
import { TopicAlarms } from "../constructs/monitoring/topic-alarms.ts";
import { ClaimCheckBucket } from "../constructs/topic/claim-check-bucket.ts";
import { EventTopic } from "../constructs/topic/event-topic.ts";
import { MessageKey } from "../constructs/topic/message-key.ts";
import type { StageNames } from "../constructs/names.ts";
import type { Stage } from "./stage.ts";
import { pascalCase } from "./ssm-value.ts";

export interface BackboneStackProps extends StackProps {
  readonly names: StageNames;
  readonly stage: Stage;
  readonly topics: readonly TopicDefinition[];
  readonly services: readonly ServiceDefinition[];
}

/** What all services share: the topics, and if the stage has them, its key, the bucket for large events' data and the alarm topic. */
export class BackboneStack extends Stack {
  constructor(scope: Construct, id: string, { names, stage, topics, services, ...props }: BackboneStackProps) {
    super(scope, id, props);
    const key = stage.customerKey ? this.messageKey(names, stage, topics) : undefined;
    const notify = this.alarmTopicArn(names, stage, key);
    for (const topic of topics) {
      const id = pascalCase(topic.name);
      new EventTopic(this, id, { names, topic, ...(key && { key: key.key }) });
      new TopicAlarms(this, `${id}Alarms`, { names, topic, services, ...(notify !== undefined && { notify }) });
    }
    if (topics.some(({ largeEvents }) => largeEvents)) {
      new ClaimCheckBucket(this, "ClaimCheck", { names, removalPolicy: fateOf(stage.keepsData), ...(key && { key: key.key }) });
    }
  }

  private alarmTopicArn(names: StageNames, stage: Stage, key: MessageKey | undefined): string | undefined {
    if (stage.alarmEmail === undefined) return stage.alarmTopicArn;
    key?.allowAlarms(names);
    return addAlarmTopic(this, { names, email: stage.alarmEmail, ...(key && { key: key.key }) }).topicArn;
  }

  private messageKey(names: StageNames, stage: Stage, topics: readonly TopicDefinition[]): MessageKey {
    const key = new MessageKey(this, "MessageKey", { names, removalPolicy: fateOf(stage.keepsData) });
    key.allowDeliveryFrom(topics.map((topic) => this.formatArn({ service: "sns", resource: names.topic(topic) })));
    return key;
  }
}
