import { arn } from "../../shared/account.ts";
import { queryForm } from "./query-form.ts";
import { access, type Access, type Call } from "../../iam/access.ts";
import { readJson, textOf } from "../../gateway/json-body.ts";

/**
 * SQS, in its JSON protocol and in the older Query protocol. A batch asks for the single action.
 * Service authorization reference, "Actions, resources, and condition keys for Amazon SQS"
 */
export function sqsAccess(call: Call): Access[] {
  const { operation, member } = call.operation === "" ? queryCall(call) : jsonCall(call);
  const queue = (member("QueueUrl") ?? member("QueueName"))?.split("/").at(-1);
  const resource = member("SourceArn") ?? (queue === undefined ? "*" : arn("sqs", queue));
  return [access(`sqs:${operation.replace(/Batch$/, "")}`, resource)];
}

interface ReadCall {
  readonly operation: string;
  readonly member: (name: string) => string | undefined;
}

function jsonCall({ operation, body }: Call): ReadCall {
  const input = readJson(body);
  return { operation, member: (name) => textOf(input[name]) };
}

function queryCall(call: Call): ReadCall {
  const form = queryForm(call, call.body);
  return { operation: form.get("Action") ?? "", member: (name) => form.get(name) };
}
