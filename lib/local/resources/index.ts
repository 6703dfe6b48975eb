import type { ResourceHandler } from "./resource.ts";
import { dynamodbResources } from "./dynamodb.ts";
import { iamResources } from "./iam.ts";
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
  ...iamResources,
  ...ssmResources,
  ...s3Resources,
  ...silentResources,
};

/** What brings resources of a CloudFormation type into being. */
export function handlerFor(type: string): ResourceHandler {
  return HANDLERS[type] ?? unservedResource;
}
