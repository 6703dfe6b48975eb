import { access, keys, requestTags, type Access } from "../../iam/access.ts";
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

/** sns:Protocol, sns:Endpoint, aws:RequestTag and aws:TagKeys. */
function contextOf(input: Input): Context {
  const named = keys({ "sns:protocol": input.optional("Protocol"), "sns:endpoint": input.optional("Endpoint") });
  const tags = new Map(input.inputs("Tags").map((tag) => [tag.text("Key"), tag.text("Value")]));
  const ofTags = requestTags(tags, input.list("TagKeys").map(String));
  return (key) => named(key) ?? ofTags(key);
}
