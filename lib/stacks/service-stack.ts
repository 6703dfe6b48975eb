import { Stack, type StackProps } from "aws-cdk-lib/core";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { ServiceDefinition } from "../contracts/service.ts";
import { FanoutService } from "../constructs/fanout-service.ts";
import type { StageNames } from "../constructs/names.ts";
import { alarmTopicArn, ssmValue, topicArns } from "./ssm-value.ts";
import type { Stage } from "./stage.ts";

export interface ServiceStackProps extends StackProps {
  readonly names: StageNames;
  readonly stage: Stage;
  readonly definition: ServiceDefinition;
}

/**
 * What one service keeps: queues, subscriptions, table, alarms. It gets what it needs from other stacks through SSM parameters, so
 * that it can be deployed alone. Its function is in a {@link FunctionStack}.
 */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { names, stage, definition, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const key = stage.customerKey ? this.messageKey(names) : undefined;
    const notify = alarmTopicArn(this, names, stage);
    new FanoutService(this, "Service", {
      names,
      definition,
      topicArns: topicArns(this, names, definition.consumes),
      keepsData: stage.keepsData,
      logDays: stage.logDays,
      ...(key && { key }),
      ...(notify !== undefined && { notify }),
    });
  }

  private messageKey(names: StageNames): IKey {
    return Key.fromKeyArn(this, "MessageKey", ssmValue(this, "MessageKeyArn", names.keyParameter, "ARN of the messages' key."));
  }
}
