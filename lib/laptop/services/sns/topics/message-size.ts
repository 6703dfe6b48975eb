import { invalidParameter } from "../refusals.ts";

/** Bytes of a message, and of a batch together, on a topic that says nothing else: sns/latest/dg/large-message-payloads. */
export const USUAL_MESSAGE_BYTES = 262_144;

const RANGE = [1_024, 1_048_576] as const;

/** What a topic may have that takes larger messages than usual. */
const MOST_SUBSCRIPTIONS = 100;
const PROTOCOLS = ["firehose", "lambda", "sqs"];

/** Whether MaximumMessageSize can be set to a value. */
export function isMessageSize(value: string): boolean {
  return /^\d{1,7}$/.test(value) && Number(value) >= RANGE[0] && Number(value) <= RANGE[1];
}

/**
 * Checks the subscriptions that a topic is to have against the size of its messages.
 *
 * @throws AwsError InvalidParameter
 */
export function checkSubscriptions(maximumBytes: number, subscriptions: readonly { readonly protocol: string }[]): void {
  if (maximumBytes <= USUAL_MESSAGE_BYTES) return;
  const reason = `MaximumMessageSize Reason: above ${USUAL_MESSAGE_BYTES} bytes, a topic can have`;
  if (subscriptions.length > MOST_SUBSCRIPTIONS) throw invalidParameter(`${reason} up to ${MOST_SUBSCRIPTIONS} subscriptions`);
  if (subscriptions.every(({ protocol }) => PROTOCOLS.includes(protocol))) return;
  throw invalidParameter(`${reason} subscriptions by ${PROTOCOLS.join(", ")} alone`);
}
