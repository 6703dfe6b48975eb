import { CfnParameter } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { AnyEventDefinition } from "../contracts/event.ts";
import { topicsOf } from "../contracts/topic.ts";
import type { StageNames } from "../constructs/names.ts";
import type { Stage } from "./stage.ts";

/**
 * A value that CloudFormation reads from the SSM parameter store on every deployment. Unlike an export, it does not couple two
 * stacks: each can be changed and deployed on its own.
 *
 * @param id the name of the template's parameter: letters and digits
 */
export function ssmValue(scope: Construct, id: string, parameterName: string, description: string): string {
  return new CfnParameter(scope, id, { type: "AWS::SSM::Parameter::Value<String>", default: parameterName, description })
    .valueAsString;
}

/** The ARNs of some events' topics, by the topic's name. */
export function topicArns(
  scope: Construct,
  names: StageNames,
  events: readonly AnyEventDefinition[],
): ReadonlyMap<string, string> {
  const arns = topicsOf(events).map(({ name }): [string, string] => [
    name,
    ssmValue(scope, `${pascalCase(name)}TopicArn`, names.topicParameter(name), `ARN of the topic ${name}.`),
  ]);
  return new Map(arns);
}

/** The ARN of the topic that the stage's alarms notify; undefined when there is none. */
export function alarmTopicArn(scope: Construct, names: StageNames, stage: Stage): string | undefined {
  if (stage.alarmEmail === undefined) return stage.alarmTopicArn;
  return ssmValue(scope, "AlarmTopicArn", names.alarmTopicParameter, "ARN of the topic that alarms tell.");
}

/** `order-lines` as `OrderLines`, `PAYMENT_PROVIDER_URL` as `PaymentProviderUrl`: an id for {@link ssmValue}. */
export function pascalCase(name: string): string {
  return name
    .split(/[-_]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}
