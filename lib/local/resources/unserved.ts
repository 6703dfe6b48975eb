import { arn } from "../account.ts";
import {
  created,
  physicalName,
  reportMissing,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "./resource.ts";

/** Known, and of no effect on one machine: they watch and describe. Logs go to the activity stream instead. */
export const silentResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Logs::LogGroup": logGroup,
  "AWS::CloudWatch::Alarm": named("AlarmName", "cloudwatch", "alarm:"),
  "AWS::CloudWatch::CompositeAlarm": named("AlarmName", "cloudwatch", "alarm:"),
  "AWS::CloudWatch::Dashboard": named("DashboardName", "cloudwatch", "dashboard/"),
  "AWS::CDK::Metadata": ({ logicalId }) => created(logicalId),
};

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

/** What a person will miss, where it is worth more than a sentence that fits all. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  "AWS::KMS::Key": "nothing is encrypted",
  "AWS::ApiGatewayV2::Api": "there is no HTTP endpoint",
  "AWS::ApiGateway::RestApi": "there is no HTTP endpoint",
  "AWS::Events::Rule": "nothing is started by its events or schedule",
  "AWS::Scheduler::Schedule": "nothing is started on its schedule",
  "AWS::StepFunctions::StateMachine": "its workflow cannot be started",
  "AWS::CloudFormation::CustomResource": "what it would set up is not set up",
};

/** Any other resource: it goes on the list of what is missing, and those who refer to it get a name and an ARN of its kind. */
export function unservedResource(resource: Resource, deployment: Deployment): Created {
  const { type, logicalId, stack } = resource;
  reportMissing(deployment, resource, CONSEQUENCES[type] ?? "it does not exist here: calls to it fail");
  const service = (type.split("::")[1] ?? "unknown").toLowerCase();
  const name = `${stack}-${logicalId}`;
  return { ref: name, attribute: (attribute) => (attribute.endsWith("Arn") ? arn(service, name) : name) };
}
