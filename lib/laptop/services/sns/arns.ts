import { account } from "../../shared/account.ts";
import type { WireRequest } from "../call.ts";
import { invalidParameter } from "./refusals.ts";

/** Elements of an ARN up to the resource. */
const ELEMENTS = 6;

/** The ARN of a topic in a region. */
export function topicArnOf(name: string, region: string): string {
  return `arn:${account.partition}:sns:${region}:${account.id}:${name}`;
}

/** The topic of a subscription: `<topic's ARN>:<id>`. */
export function topicArnOfSubscription(subscriptionArn: string): string {
  return subscriptionArn.slice(0, subscriptionArn.lastIndexOf(":"));
}

/** The elements of an ARN that a call names. @throws AwsError */
export function elementsOf(arn: string, parameter: string): string[] {
  const elements = arn.split(":");
  if (elements.length >= ELEMENTS) return elements;
  throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${elements.length}`);
}

/** Checks the ARN of a topic: it must be of the region that is called. @throws AwsError */
export function checkTopicArn(topicArn: string, region: string, parameter = "TopicArn"): void {
  const [, , service, ofRegion] = elementsOf(topicArn, parameter);
  if (service !== "sns" || ofRegion !== region) throw invalidParameter(parameter);
}

/** Checks the ARN of a subscription. @throws AwsError */
export function checkSubscriptionArn(subscriptionArn: string): void {
  if (elementsOf(subscriptionArn, "SubscriptionArn").length === ELEMENTS) throw invalidParameter("SubscriptionId");
}

/** The region that a request is signed for: each has its own topics. An unsigned request is for the cloud's region. */
export function regionOf({ headers, query }: Pick<WireRequest, "headers" | "query">): string {
  const signed = headers.authorization ?? `Credential=${new URLSearchParams(query).get("X-Amz-Credential") ?? ""}`;
  const scope = /Credential=[^/,=\s]+\/\d{8}\/([\w-]+)\//.exec(signed);
  return scope?.[1] ?? account.region;
}
