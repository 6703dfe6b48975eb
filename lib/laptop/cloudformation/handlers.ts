import { cdkCustomResources, customResource } from "./custom.ts";
import type { ResourceHandler } from "./resource.ts";
import { dynamodbResources } from "../services/dynamodb/resources.ts";
import { eventSourceMappingResources } from "../services/lambda/resources/event-source-mapping.ts";
import { iamResources } from "../services/iam/resources.ts";
import { lambdaInvocationResources } from "../services/lambda/resources/invocations.ts";
import { lambdaVersionResources } from "../services/lambda/resources/versions.ts";
import { lambdaResources } from "../services/lambda/resources/functions.ts";
import { s3Resources } from "../services/s3/resources.ts";
import { snsResources } from "../services/sns/resources.ts";
import { sqsResources } from "../services/sqs/resources.ts";
import { ssmResources } from "../services/ssm/resources.ts";
import { silentResources, unservedResource } from "./unserved.ts";

const HANDLERS: Readonly<Record<string, ResourceHandler>> = {
  ...snsResources,
  ...sqsResources,
  ...dynamodbResources,
  ...lambdaResources,
  ...lambdaVersionResources,
  ...lambdaInvocationResources,
  ...eventSourceMappingResources,
  ...iamResources,
  ...ssmResources,
  ...s3Resources,
  ...cdkCustomResources,
  ...silentResources,
};

/** What brings resources of a CloudFormation type into being. */
export function handlerFor(type: string): ResourceHandler {
  return HANDLERS[type] ?? (isCustom(type) ? customResource : unservedResource);
}

function isCustom(type: string): boolean {
  return type.startsWith("Custom::") || type === "AWS::CloudFormation::CustomResource";
}
