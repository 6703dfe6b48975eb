import { Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { largeTopicsOf } from "../contracts/claim-check.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import type { Bundle } from "../constructs/function/bundle.ts";
import { ConsumerFunction } from "../constructs/function/consumer-function.ts";
import { RelayFunction } from "../constructs/function/relay-function.ts";
import type { StageNames } from "../constructs/names.ts";
import { alarmTopicArn, pascalCase, ssmValue, topicArns } from "./ssm-value.ts";
import type { Stage } from "./stage.ts";

export interface FunctionStackProps extends StackProps {
  readonly names: StageNames;
  readonly stage: Stage;
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
  /** The code of relays; for a service that takes requests. */
  readonly relayBundle?: Bundle;
}

/** One service's function. It has a stack of its own so that the queues of all consumers are there before any code publishes. */
export class FunctionStack extends Stack {
  constructor(scope: Construct, id: string, { names, stage, definition, bundle, relayBundle, ...props }: FunctionStackProps) {
    super(scope, id, props);
    const service = names.service(definition);
    const { canary = false } = stage;
    const notify = canary ? alarmTopicArn(this, names, stage) : undefined;
    const claimCheckBucket = this.claimCheckBucket(names, definition);
    const published = topicArns(this, names, definition.publishes);
    new ConsumerFunction(this, "Consumer", {
      names,
      definition,
      bundle,
      queueUrl: ssmValue(this, "QueueUrl", service.queueUrlParameter, "URL of the service's queue."),
      deadLetterQueueUrl: ssmValue(
        this,
        "DeadLetterQueueUrl",
        service.deadLetterQueueUrlParameter,
        "URL of the service's dead-letter queue.",
      ),
      topicArns: published,
      settings: this.settings(names, definition),
      emailFrom: stage.emailFrom,
      canary,
      ...(notify !== undefined && { notify }),
      traced: stage.traces ?? false,
      ...(claimCheckBucket !== undefined && { claimCheckBucket }),
    });
    if (!definition.takesRequests) return;
    if (!relayBundle) throw new Error(`service ${definition.name}: it takes requests, and no bundle was given for its relay`);
    new RelayFunction(this, "Relay", {
      names,
      definition,
      bundle: relayBundle,
      streamArn: ssmValue(this, "StreamArn", service.streamArnParameter, "ARN of the stream of the service's table."),
      topicArns: published,
    });
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
}
