import { isRecord } from "../../shared/json.ts";
import { parseJson } from "./parse-json.ts";

/** From and to, both inclusive: sns/latest/dg/sns-message-delivery-retries. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  minDelayTarget: [1, 3_600],
  maxDelayTarget: [1, 3_600],
  numRetries: [0, 100],
  numNoDelayRetries: [0, 100],
  numMinDelayRetries: [0, 100],
  numMaxDelayRetries: [0, 100],
  maxReceivesPerSecond: [1, Number.MAX_SAFE_INTEGER],
};

const BACKOFF_FUNCTIONS: readonly unknown[] = ["arithmetic", "exponential", "geometric", "linear"];

/** Printable characters alone: what comes after the type is sent as it stands. */
const CONTENT_TYPE = /^(?:text\/(?:plain|html|css|csv|xml)|application\/[a-z.+-]+)(?:;[ -~]*)?$/i;

/** What is wrong with the DeliveryPolicy of a topic or of a subscription; undefined where SNS takes it. */
export function faultInDeliveryPolicy(text: string): string | undefined {
  const policy = parseJson(text);
  return isRecord(policy) ? faultIn(policy) : "must be a JSON object";
}

function faultIn(policy: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(policy)) {
    const fault = isRecord(value) ? faultIn(value) : faultOf(name, value);
    if (fault !== undefined) return fault;
  }
  const { minDelayTarget: least, maxDelayTarget: most } = policy;
  if (typeof least !== "number" || typeof most !== "number" || least <= most) return undefined;
  return "maxDelayTarget must be greater than or equal to minDelayTarget";
}

function faultOf(name: string, value: unknown): string | undefined {
  if (value === null) return undefined;
  const range = Object.hasOwn(RANGES, name) ? RANGES[name] : undefined;
  if (range) {
    const [from, to] = range;
    const isWithin = typeof value === "number" && Number.isInteger(value) && value >= from && value <= to;
    return isWithin ? undefined : `${name} must be an integer between ${from} and ${to}`;
  }
  if (name === "backoffFunction" && !BACKOFF_FUNCTIONS.includes(value))
    return `${name} must be one of ${BACKOFF_FUNCTIONS.join(", ")}`;
  if (name === "headerContentType" && !(typeof value === "string" && CONTENT_TYPE.test(value)))
    return `${name} must be a content type that SNS supports`;
  return undefined;
}
