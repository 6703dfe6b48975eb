import { InvalidPattern } from "../../../shared/event-pattern/invalid-pattern.ts";
import { JsonTokens } from "../../../shared/event-pattern/json-tokens.ts";
import { isRecord } from "../../../shared/json.ts";
import { faultInDeliveryPolicy } from "../check-delivery-policy.ts";
import { redacted } from "../filters/filter-policy.ts";
import { parseJson } from "../parse-json.ts";

/** What a subscription can have: sns/latest/api/API_SetSubscriptionAttributes. */
export const SUBSCRIPTION_ATTRIBUTES: readonly string[] = [
  "DeliveryPolicy",
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "RedrivePolicy",
  "ReplayPolicy",
  "SubscriptionRoleArn",
];

export function isSubscriptionAttribute(name: string): boolean {
  return SUBSCRIPTION_ATTRIBUTES.includes(name);
}

/** What the check of an attribute needs to know of its subscription. */
export interface Subscribed {
  readonly endpoint: string;
  readonly isFifoTopic: boolean;
}

/**
 * An attribute as SNS keeps it.
 *
 * @throws Error whose message is AWS's reason, without what stands before it
 */
export function keptAttribute(name: string, value: string, subscribed: Subscribed): string {
  switch (name) {
    case "RawMessageDelivery": {
      const kept = value.toLowerCase();
      if (kept !== "true" && kept !== "false") throw new Error(`${name}: Invalid value [${value}]. Must be true or false.`);
      return kept;
    }
    case "FilterPolicyScope":
      if (value !== "MessageBody" && value !== "MessageAttributes")
        throw new Error(`${name}: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`);
      return value;
    case "RedrivePolicy":
      if (value !== "") checkRedrivePolicy(value, subscribed);
      return value;
    case "FilterPolicy":
      return keptFilterPolicy(value);
    case "DeliveryPolicy": {
      if (value !== "") parse(name, value);
      const fault = value === "" ? undefined : faultInDeliveryPolicy(value);
      if (fault !== undefined) throw new Error(`${name}: ${fault}`);
      return value;
    }
    case "ReplayPolicy":
      if (value !== "") parse(name, value);
      return value;
    default:
      return value;
  }
}

/** An empty policy takes the subscription's policy away: sns/latest/dg/subscription-filter-policy-remove. */
export function keptFilterPolicy(text: string): string {
  const policy = parseJson(text);
  return isRecord(policy) && Object.keys(policy).length === 0 ? "" : text;
}

function checkRedrivePolicy(value: string, { endpoint, isFifoTopic }: Subscribed): void {
  const policy = parse("RedrivePolicy", value);
  const target = isRecord(policy) ? policy["deadLetterTargetArn"] : undefined;
  if (typeof target !== "string" || !/^arn:[^:]*:sqs:[^:]*:[^:]*:./.test(target))
    throw new Error("RedrivePolicy: deadLetterTargetArn is an invalid arn");
  if (isFifoTopic && endpoint.endsWith(".fifo") && !target.endsWith(".fifo"))
    throw new Error("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.");
}

function parse(name: string, text: string): unknown {
  const value = parseJson(text);
  if (value !== undefined) return value;
  try {
    new JsonTokens(text);
  } catch (thrown) {
    if (thrown instanceof InvalidPattern)
      throw new Error(`${name}: failed to parse JSON. ${redacted(thrown.message)}`, { cause: thrown });
  }
  throw new Error(`${name}: failed to parse JSON.`);
}
