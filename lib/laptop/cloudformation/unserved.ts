import { hash } from "node:crypto";
import { arn } from "../shared/account.ts";
import { created, physicalName, type Created, type Resource, type ResourceHandler, type ResourceIdentity } from "./resource.ts";

/** Known, and of no effect on one machine: they watch, describe, scale or encrypt. Logs go to the activity stream instead. */
export const silentResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Logs::LogGroup": logGroup,
  "AWS::CloudWatch::Alarm": named("AlarmName", "cloudwatch", "alarm:"),
  "AWS::CloudWatch::CompositeAlarm": named("AlarmName", "cloudwatch", "alarm:"),
  "AWS::CloudWatch::Dashboard": named("DashboardName", "cloudwatch", "dashboard/"),
  "AWS::CDK::Metadata": silentResource,
  "AWS::CloudFormation::WaitConditionHandle": silentResource,
  "AWS::Logs::MetricFilter": silentResource,
  "AWS::Logs::QueryDefinition": silentResource,
  "AWS::Logs::ResourcePolicy": silentResource,
  "AWS::ApplicationAutoScaling::ScalableTarget": silentResource,
  "AWS::ApplicationAutoScaling::ScalingPolicy": silentResource,
  // Nothing is encrypted on one machine; what names a key works without.
  "AWS::KMS::Key": kmsKey,
  "AWS::KMS::Alias": named("AliasName", "kms", ""),
};

/** A resource of no effect here, with a plausible value for whatever is asked of it. */
export function silentResource(resource: Resource): Created {
  return { ref: nameFor(resource), attribute: (attribute) => standInFor(resource, attribute) };
}

function kmsKey({ stack, logicalId }: Resource): Created {
  const digest = hash("sha256", `${stack}/${logicalId}`);
  const id = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(12, 16), digest.slice(16, 20), digest.slice(20, 32)].join(
    "-",
  );
  return created(id, { Arn: arn("kms", `key/${id}`), KeyId: id });
}

function logGroup(resource: Resource): Created {
  const name = physicalName(resource, "LogGroupName", 512);
  return created(name, { Arn: arn("logs", `log-group:${name}:*`) });
}

function named(property: string, service: string, prefix: string): ResourceHandler {
  return (resource) => {
    const name = physicalName(resource, property, 255);
    return created(name, { Arn: arn(service, `${prefix}${name}`) });
  };
}

const NO_ENDPOINT = "there is no HTTP endpoint";
const NO_NETWORK = "there is no network of its own: functions use this machine's";
const NO_LOGIN = "there are no users to sign in";

/** What a person will miss, where it is worth more than a sentence that fits all; by the type, or by its service. */
const CONSEQUENCES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "AWS::ApiGatewayV2": NO_ENDPOINT,
    "AWS::ApiGateway": NO_ENDPOINT,
    "AWS::AppSync": NO_ENDPOINT,
    "AWS::CloudFront": NO_ENDPOINT,
    "AWS::ElasticLoadBalancingV2": NO_ENDPOINT,
    "AWS::EC2": NO_NETWORK,
    "AWS::EC2::Instance": "it does not run",
    "AWS::Route53": "its name does not resolve",
    "AWS::Events::EventBus": "PutEvents fails",
    "AWS::Events": "nothing is started by its events or schedule",
    "AWS::Scheduler": "nothing is started on its schedule",
    "AWS::Pipes::Pipe": "nothing flows from its source to its target",
    "AWS::StepFunctions": "its workflow cannot be started",
    "AWS::Kinesis": "nothing can be written to it or read from it",
    "AWS::KinesisFirehose": "nothing is delivered",
    "AWS::Cognito": NO_LOGIN,
    "AWS::SecretsManager": "GetSecretValue fails",
    "AWS::IAM": "nobody can act as it",
    "AWS::ECS": "its containers do not run",
    "AWS::RDS": "there is no database",
    "AWS::Logs::SubscriptionFilter": "its destination is given no log lines",
    "AWS::CodeDeploy": "there are no canaries: a new version gets every invocation at once",
    "AWS::SES": "mail goes to the local mailbox, whatever it says",
  }),
);

/** Any other resource: it goes on the list of what is missing, and those who refer to it get a name and an ARN of its kind. */
export function unservedResource(resource: Resource): Created {
  const service = resource.type.split("::").slice(0, 2).join("::");
  const consequence =
    CONSEQUENCES.get(resource.type) ?? CONSEQUENCES.get(service) ?? "it does not exist here: calls to it fail";
  return missingResource(resource, consequence);
}

/** A resource that goes on the list of what is missing, with a plausible value for whatever is asked of it. */
export function missingResource(resource: Resource, consequence: string): Created {
  resource.report(consequence);
  return silentResource(resource);
}

/** A plausible value for an attribute that a resource does not have here: an ARN where its name asks for one, else a name. */
export function standInFor(resource: ResourceIdentity, attribute: string): string {
  const service = (resource.type.split("::")[1] ?? "unknown").toLowerCase();
  return /arn$/i.test(attribute) ? arn(service, nameFor(resource)) : nameFor(resource);
}

function nameFor({ stack, logicalId }: ResourceIdentity): string {
  return `${stack}-${logicalId}`;
}
