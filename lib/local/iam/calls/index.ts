import type { Access, Call } from "./call.ts";
import { dynamodbAccess } from "./dynamodb.ts";
import { lambdaAccess } from "./lambda.ts";
import { s3Access } from "./s3.ts";
import { sesAccess } from "./ses.ts";
import { snsAccess } from "./sns.ts";
import { sqsAccess } from "./sqs.ts";
import { ssmAccess } from "./ssm.ts";

export type { Access, Call } from "./call.ts";

/** What a call needs to be allowed, by the API that it is for. STS's GetCallerIdentity, which is all of STS here, needs nothing. */
const ACCESSES: Readonly<Record<string, (call: Call) => Access[]>> = {
  dynamodb: dynamodbAccess,
  lambda: lambdaAccess,
  s3: s3Access,
  ses: sesAccess,
  sns: snsAccess,
  sqs: sqsAccess,
  ssm: ssmAccess,
};

/** What a call does that IAM decides on; nothing for an API or operation that is not served here. */
export function accessesOf(api: string, call: Call): Access[] {
  return ACCESSES[api]?.(call) ?? [];
}
