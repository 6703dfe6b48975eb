import { isRecord } from "../../../shared/json.ts";
import { faultInDeliveryPolicy } from "../check-delivery-policy.ts";
import { parseJson } from "../parse-json.ts";
import { invalidParameter } from "../refusals.ts";
import { isMessageSize } from "./message-size.ts";

/** What a topic can have, and what each must be; `undefined`: any text. sns/latest/api/API_SetTopicAttributes */
const CHECKS: Readonly<Record<string, ((value: string) => boolean) | undefined>> = {
  ArchivePolicy: isJson,
  ContentBasedDeduplication: isBoolean,
  DeliveryPolicy: (value) => faultInDeliveryPolicy(value) === undefined,
  DisplayName: (value) => value.length <= 100,
  FifoThroughputScope: (value) => value === "Topic" || value === "MessageGroup",
  KmsMasterKeyId: undefined,
  MaximumMessageSize: isMessageSize,
  Policy: (value) => isRecord(parseJson(value)),
  SignatureVersion: (value) => value === "1" || value === "2",
  TracingConfig: (value) => value === "Active" || value === "PassThrough",
};

/** Delivery status logging: sns/latest/dg/sns-topic-attributes. What is logged is nowhere to be seen here. */
const FEEDBACK =
  /^(Application|Firehose|HTTP|Lambda|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)$/;

/** Attributes that only a FIFO topic has. */
const FIFO = ["ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy"];

/** Attributes that can be set when a topic is created and never again. */
const LASTING = ["FifoTopic"];

/**
 * Checks an attribute that a topic is to have.
 *
 * @param isNew whether the topic is being created
 * @throws AwsError InvalidParameter
 */
export function checkTopicAttribute(name: string, value: string, isFifo: boolean, isNew: boolean): void {
  if (LASTING.includes(name) && isNew) {
    if (!isBoolean(value))
      throw invalidParameter(`Attributes Reason: ${name}: Invalid value [${value}]. Must be true or false.`);
    return;
  }
  if (FEEDBACK.test(name)) return;
  if (!Object.hasOwn(CHECKS, name))
    throw invalidParameter(isNew ? `Attributes Reason: Unknown attribute: ${name}` : "AttributeName");
  if (FIFO.includes(name) && !isFifo && value !== "false") throw invalidParameter(`${name} is only allowed on FIFO topics`);
  if (value === "" && name !== "Policy") return;
  if (CHECKS[name]?.(value) !== false) return;
  if (name === "Policy") throw invalidParameter("Policy Error: null");
  throw invalidParameter(
    isNew ? `Attributes Reason: ${name}: Invalid value [${value}].` : `${name}: Invalid value [${value}].`,
  );
}

function isBoolean(value: string): boolean {
  return /^(true|false)$/i.test(value);
}

function isJson(value: string): boolean {
  return isRecord(parseJson(value));
}
