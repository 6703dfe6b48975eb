import { arn } from "../../shared/account.ts";
import { access, keys, type Access } from "../../iam/access.ts";
import type { Call } from "../call.ts";

/** SNS, in its Query protocol. Service authorization reference, "Actions, resources, and condition keys for Amazon SNS" */
export function snsAccess({ operation, input }: Call): Access[] {
  const form = new URLSearchParams(Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]));
  const context = keys({
    "sns:protocol": form.get("Protocol") ?? undefined,
    "sns:endpoint": form.get("Endpoint") ?? undefined,
  });
  return [access(`sns:${operation === "PublishBatch" ? "Publish" : operation}`, topicOf(form, operation), context)];
}

function topicOf(form: URLSearchParams, operation: string): string {
  const name = form.get("Name");
  if (operation === "CreateTopic" && name !== null) return arn("sns", name);
  const topic = form.get("TopicArn") ?? form.get("TargetArn") ?? form.get("ResourceArn");
  if (topic !== null) return topic;
  // What is done to a subscription is allowed on its topic: `<topic's ARN>:<id>`.
  const subscription = form.get("SubscriptionArn");
  return subscription === null ? "*" : subscription.slice(0, subscription.lastIndexOf(":"));
}
