import { Stack, type StackProps } from "aws-cdk-lib/core";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { ServiceDefinition } from "../contracts/service.ts";
import { largeTopicsOf } from "../contracts/claim-check.ts";
import { topicsOf } from "../contracts/topic.ts";
import type { Bundle } from "../constructs/function/bundle.ts";
import { FanoutService } from "../constructs/fanout-service.ts";
import type { StageNames } from "../constructs/names.ts";
import { pascalCase, ssmValue } from "./ssm-value.ts";
import type { Stage } from "./stage.ts";

export interface ServiceStackProps extends StackProps {
  readonly names: StageNames;
  readonly stage: Stage;
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
}

/** One service. It gets what it needs from other stacks through SSM parameters, so that it can be deployed alone. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { names, stage, definition, bundle, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const key = stage.customerKey ? this.messageKey(names) : undefined;
    const claimCheckBucket = this.claimCheckBucket(names, definition);
    const notify = this.alarmTopicArn(names, stage);
    new FanoutService(this, "Service", {
      names,
      definition,
      bundle,
      topicArns: this.topicArns(names, definition),
      settings: this.settings(names, definition),
      emailFrom: stage.emailFrom,
      keepsData: stage.keepsData,
      logRetention: stage.logRetention,
      ...(claimCheckBucket !== undefined && { claimCheckBucket }),
      ...(key && { key }),
      ...(notify !== undefined && { notify }),
    });
  }

  private topicArns(names: StageNames, { consumes, publishes }: ServiceDefinition): ReadonlyMap<string, string> {
    const arns = topicsOf([...consumes, ...publishes]).map(({ name }): [string, string] => [
      name,
      ssmValue(this, `${pascalCase(name)}TopicArn`, names.topicParameter(name), `ARN of the topic ${name}.`),
    ]);
    return new Map(arns);
  }

  private settings(names: StageNames, { name, settings = [] }: ServiceDefinition): ReadonlyMap<string, string> {
    const values = settings.map((setting): [string, string] => [
      setting,
      ssmValue(this, `${pascalCase(setting)}Setting`, names.settingParameter(name, setting), `Setting ${setting} of ${name}.`),
    ]);
    return new Map(values);
  }

  private claimCheckBucket(names: StageNames, { consumes, publishes }: ServiceDefinition): string | undefined {
    if (largeTopicsOf([...consumes, ...publishes]).length === 0) return undefined;
    return ssmValue(this, "ClaimCheckBucket", names.claimCheckBucketParameter, "Bucket of large events' data.");
  }

  private messageKey(names: StageNames): IKey {
    return Key.fromKeyArn(this, "MessageKey", ssmValue(this, "MessageKeyArn", names.keyParameter, "ARN of the messages' key."));
  }

  private alarmTopicArn(names: StageNames, stage: Stage): string | undefined {
    if (stage.alarmEmail === undefined) return stage.alarmTopicArn;
    return ssmValue(this, "AlarmTopicArn", names.alarmTopicParameter, "ARN of the topic that alarms tell.");
  }
}
