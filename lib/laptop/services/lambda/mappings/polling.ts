import type { AccessControl } from "../../../iam/access-control.ts";
import { access } from "../../../iam/access.ts";
import type { Refused } from "../../../iam/refusal.ts";
import { roleSession } from "../../../iam/evaluator/principal.ts";

/** What Lambda does with a source as the function's role. Lambda developer guide, "Execution role permissions" of each source */
const ACTIONS = {
  sqs: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  dynamodb: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
};

/** A function that is fed from a queue or a stream. */
export interface Polled {
  readonly functionName: string;
  /** ARN of the function's role; empty where its template names none. */
  readonly role: string;
  readonly sourceArn: string;
}

/**
 * The first of the grants without which AWS refuses to create an event source mapping, where the function's role lacks one: then
 * nothing is fed. Undefined where it lacks none, or where refusals are only reported.
 */
export function refusePolling(control: AccessControl, { functionName, role, sourceArn }: Polled): Refused | undefined {
  const poller = roleSession(role, functionName);
  if (control.mayAll(poller)) return undefined;
  const actions = sourceArn.includes(":dynamodb:") ? ACTIONS.dynamodb : ACTIONS.sqs;
  // ListStreams too: the CDK grants it on `*` for a Table, and on the stream for a TableV2, and mappings of both are created on AWS.
  const refusals = actions.map((action) => control.refuse(poller, access(action, sourceArn)));
  return refusals.find((refusal) => refusal !== undefined);
}
