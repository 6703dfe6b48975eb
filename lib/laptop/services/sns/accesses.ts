import { access, type Access } from "../../iam/access.ts";
import type { Context } from "../../iam/evaluator/context.ts";
import type { Call } from "../call.ts";
import { GET_CERTIFICATE } from "./api/protocol.ts";
import { Input } from "./api/input.ts";
import { regionOf, topicArnOf, topicArnOfSubscription } from "./arns.ts";

/**
 * What a call of SNS is to IAM. What is done to a subscription is allowed on its topic. Anybody may get the certificate.
 * Service authorization reference, "Actions, resources, and condition keys for Amazon SNS"
 */
export function snsAccesses({
  operation,
  input,
  request,
}: Pick<Call, "operation" | "input" | "request">): readonly Access[] | "open" {
  if (operation === GET_CERTIFICATE) return "open";
  if (operation === "") return [];
  const given = new Input(input);
  const resource = resourceOf(operation, given, regionOf(request));
  const context = contextOf(given);
  const action = operation === "PublishBatch" ? "Publish" : operation;
  const accesses = [access(`sns:${action}`, resource, context)];
  // CreateTopic with tags has to be allowed to tag as well.
  if (operation === "CreateTopic" && given.list("Tags").length > 0) accesses.push(access("sns:TagResource", resource, context));
  return accesses;
}

function resourceOf(operation: string, input: Input, region: string): string {
  if (operation === "CreateTopic") return topicArnOf(input.text("Name"), region);
  const topicArn = input.optional("TopicArn") ?? input.optional("TargetArn") ?? input.optional("ResourceArn");
  if (topicArn !== undefined) return topicArn;
  const subscriptionArn = input.optional("SubscriptionArn");
  return subscriptionArn === undefined ? "*" : topicArnOfSubscription(subscriptionArn);
}

/** sns:Protocol, sns:Endpoint, aws:RequestTag and aws:TagKeys; names in lower case, as IAM compares them. */
function contextOf(input: Input): Context {
  const values = new Map<string, readonly string[]>();
  for (const name of ["Protocol", "Endpoint"]) {
    const value = input.optional(name);
    if (value !== undefined) values.set(`sns:${name.toLowerCase()}`, [value]);
  }
  const tags = input.inputs("Tags").map((tag) => [tag.text("Key"), tag.text("Value")] as const);
  for (const [key, value] of tags) values.set(`aws:requesttag/${key.toLowerCase()}`, [value]);
  const keys = [...tags.map(([key]) => key), ...input.list("TagKeys").map(String)];
  if (keys.length > 0) values.set("aws:tagkeys", keys);
  return (key) => values.get(key);
}
