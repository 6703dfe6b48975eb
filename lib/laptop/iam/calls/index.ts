import type { Access, Call } from "../access.ts";
import { dynamodbAccess } from "../../services/dynamodb/accesses.ts";
import { lambdaAccess } from "../../services/lambda/accesses.ts";
import { s3Access } from "../../services/s3/accesses.ts";
import { sesAccess } from "../../services/ses/accesses.ts";
import { snsAccess } from "../../services/sns/accesses.ts";
import { sqsAccess } from "../../services/sqs/accesses.ts";
import { ssmAccess } from "../../services/ssm/accesses.ts";

export type { Access, Call } from "../access.ts";

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
