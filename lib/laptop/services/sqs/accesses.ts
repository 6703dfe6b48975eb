import { access, type Access } from "../../iam/access.ts";
import { arn } from "../../shared/account.ts";
import { textOf } from "../../shared/json.ts";
import type { Call } from "../call.ts";

/** A batch asks for the single action. Service authorization reference, "Actions, resources, and condition keys for Amazon SQS" */
export function sqsAccess({ operation, input }: Call): Access[] {
  const queue = (textOf(input["QueueUrl"]) ?? textOf(input["QueueName"]))?.split("/").at(-1);
  const resource = textOf(input["SourceArn"]) ?? (queue === undefined ? "*" : arn("sqs", queue));
  return [access(`sqs:${operation.replace(/Batch$/, "")}`, resource)];
}
