import { cdkCustomResources, customResource } from "./custom.ts";
import type { ResourceHandler } from "./resource.ts";
import { dynamodbResources } from "./dynamodb.ts";
import { eventSourceMappingResources } from "./event-source-mapping.ts";
import { iamResources } from "./iam.ts";
import { lambdaInvocationResources } from "./lambda-invocations.ts";
import { lambdaVersionResources } from "./lambda-versions.ts";
import { lambdaResources } from "./lambda.ts";
import { s3Resources } from "./s3.ts";
import { snsResources } from "./sns.ts";
import { sqsResources } from "./sqs.ts";
import { ssmResources } from "./ssm.ts";
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
