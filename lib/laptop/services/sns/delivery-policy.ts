import { isRecord } from "../../shared/json.ts";
import { parseJson } from "./parse-json.ts";

/**
 * How often and how fast SNS tries an HTTP endpoint again; delays in seconds. These are its defaults.
 * sns/latest/dg/sns-message-delivery-retries
 */
const RETRIES = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: "linear",
};

const REQUEST = { headerContentType: "text/plain; charset=UTF-8" };

type Json = Readonly<Record<string, unknown>>;

/** What is done about an endpoint that does not answer. */
export interface EffectiveDelivery {
  readonly retries: number;
  readonly delaySeconds: number;
  readonly contentType: string;
}

/** A topic's DeliveryPolicy as SNS keeps it; undefined where it is unset. */
export function keptTopicPolicy(text: string): string | undefined {
  const http = member(parseJson(text), "http");
  if (http === undefined) return undefined;
  const given = Object.entries(http).filter(([, value]) => value !== null);
  return JSON.stringify({ http: { ...Object.fromEntries(given), disableSubscriptionOverrides: overrides(http) } });
}

/** A topic's EffectiveDeliveryPolicy. */
export function effectiveTopicPolicy(text: string | undefined): string {
  const http = member(parseJson(text ?? ""), "http") ?? {};
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: { ...RETRIES, ...member(http, "defaultHealthyRetryPolicy") },
      disableSubscriptionOverrides: overrides(http),
      defaultRequestPolicy: { ...REQUEST, ...member(http, "defaultRequestPolicy") },
    },
  });
}

/** A subscription's DeliveryPolicy as SNS shows it. */
export function shownSubscriptionPolicy(text: string): string {
  const given = parseJson(text);
  return JSON.stringify(subscriptionPolicy(given, member(given, "healthyRetryPolicy"), member(given, "requestPolicy")));
}

/** The EffectiveDeliveryPolicy of a subscription by HTTP: its own, what it leaves out by its topic's. */
export function effectiveSubscriptionPolicy(text: string | undefined, topicPolicy: string | undefined): string {
  const given = parseJson(text ?? "");
  const http = member(parseJson(topicPolicy ?? ""), "http");
  return JSON.stringify(
    subscriptionPolicy(
      given,
      { ...RETRIES, ...member(http, "defaultHealthyRetryPolicy"), ...member(given, "healthyRetryPolicy") },
      { ...REQUEST, ...member(http, "defaultRequestPolicy"), ...member(given, "requestPolicy") },
    ),
  );
}

export function effectiveDelivery(text: string | undefined, topicPolicy: string | undefined): EffectiveDelivery {
  const policy = parseJson(effectiveSubscriptionPolicy(text, topicPolicy));
  const retries = member(policy, "healthyRetryPolicy");
  return {
    retries: Number(retries?.["numRetries"]) || 0,
    delaySeconds: Number(retries?.["minDelayTarget"]) || 0,
    contentType: String(member(policy, "requestPolicy")?.["headerContentType"]),
  };
}

function subscriptionPolicy(given: unknown, healthyRetryPolicy: Json | undefined, requestPolicy: Json | undefined): Json {
  return {
    healthyRetryPolicy: healthyRetryPolicy ?? null,
    sicklyRetryPolicy: member(given, "sicklyRetryPolicy") ?? null,
    throttlePolicy: member(given, "throttlePolicy") ?? null,
    requestPolicy: requestPolicy ?? null,
    guaranteed: isRecord(given) && given["guaranteed"] === true,
  };
}

function overrides(http: Json): boolean {
  return http["disableSubscriptionOverrides"] === true;
}

function member(value: unknown, name: string): Json | undefined {
  const found = isRecord(value) ? value[name] : undefined;
  return isRecord(found) ? found : undefined;
}
