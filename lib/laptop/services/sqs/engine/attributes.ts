import { AwsError } from "../../../shared/aws-error.ts";
import { isRecord } from "../../../shared/json.ts";
import { checkRedriveAllowPolicy, readRedrivePolicy, type RedrivePolicy } from "./redrive.ts";

/** Attributes of a queue that can be set, by AWS's names. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** What a queue's attributes mean. */
export interface QueueSettings {
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly waitSeconds: number;
  readonly maximumMessageBytes: number;
  readonly contentBasedDeduplication: boolean;
  readonly redrivePolicy: RedrivePolicy | undefined;
}

interface AttributeRule {
  /** From and to, both inclusive. */
  readonly range?: readonly [number, number];
  readonly values?: readonly string[];
  /** What a text other than the empty one must be. @default - any */
  readonly isRight?: (value: string) => boolean;
}

const truth = { values: ["true", "false"] };

/** Ranges in seconds and bytes: SQS API reference, CreateQueue. */
const RULES: ReadonlyMap<string, AttributeRule> = rules({
  VisibilityTimeout: { range: [0, 43_200] },
  MaximumMessageSize: { range: [1_024, 1_048_576] },
  MessageRetentionPeriod: { range: [60, 1_209_600] },
  DelaySeconds: { range: [0, 900] },
  ReceiveMessageWaitTimeSeconds: { range: [0, 20] },
  Policy: { isRight: isJsonObject },
  RedrivePolicy: {},
  RedriveAllowPolicy: {},
  KmsMasterKeyId: {},
  KmsDataKeyReusePeriodSeconds: { range: [60, 86_400] },
  SqsManagedSseEnabled: truth,
});

const FIFO_RULES: ReadonlyMap<string, AttributeRule> = rules({
  FifoQueue: truth,
  ContentBasedDeduplication: truth,
  DeduplicationScope: { values: ["messageGroup", "queue"] },
  FifoThroughputLimit: { values: ["perQueue", "perMessageGroupId"] },
});

/** SQS's own defaults (API reference, CreateQueue). */
const DEFAULTS: QueueAttributes = {
  VisibilityTimeout: "30",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  DelaySeconds: "0",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
};

const FIFO_DEFAULTS: QueueAttributes = {
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "queue",
  FifoThroughputLimit: "perQueue",
};

/** The names of attributes that can be set on some queue. */
export const SETTABLE: ReadonlySet<string> = new Set([...RULES.keys(), ...FIFO_RULES.keys()]);

export function defaultAttributes(fifo: boolean): QueueAttributes {
  return fifo ? { ...DEFAULTS, ...FIFO_DEFAULTS } : DEFAULTS;
}

/**
 * Attributes as they are to be kept.
 *
 * @param former those that a queue has which is to be changed
 * @throws AwsError where a name or a value is none that a queue of this type has
 */
export function checkAttributes(given: QueueAttributes, fifo: boolean, former: QueueAttributes = {}): QueueAttributes {
  const checked = Object.entries(given).map(([name, value]) => [name, check(name, value, fifo)] as const);
  if (given["KmsMasterKeyId"] && given["SqsManagedSseEnabled"] === "true") {
    const message =
      "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";
    throw new AwsError("InvalidAttributeName", message);
  }
  const kept = Object.fromEntries(checked);
  checkThroughput({ ...former, ...kept });
  return kept;
}

/** SQS API reference, CreateQueue: FifoThroughputLimit. */
function checkThroughput({ FifoThroughputLimit: limit, DeduplicationScope: scope }: QueueAttributes): void {
  if (limit !== "perMessageGroupId" || scope === "messageGroup") return;
  const rule = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup";
  throw new AwsError("InvalidAttributeValue", `Invalid value for the parameter FifoThroughputLimit. Reason: ${rule}.`);
}

/** Attributes with others set; an empty text takes one away, and a KMS key ends encryption by SQS. */
export function withAttributes(attributes: QueueAttributes, set: QueueAttributes): QueueAttributes {
  const changed: QueueAttributes = { ...attributes, ...(set["KmsMasterKeyId"] && { SqsManagedSseEnabled: "false" }), ...set };
  const hasKey = Boolean(changed["KmsMasterKeyId"]);
  return Object.fromEntries(
    Object.entries(changed).filter(([name, value]) => value !== "" && (hasKey || name !== "KmsDataKeyReusePeriodSeconds")),
  );
}

export function settingsOf(attributes: QueueAttributes): QueueSettings {
  const number = (name: string) => Number(attributes[name] ?? DEFAULTS[name]);
  const redrive = attributes["RedrivePolicy"];
  return {
    visibilityTimeoutSeconds: number("VisibilityTimeout"),
    delaySeconds: number("DelaySeconds"),
    retentionSeconds: number("MessageRetentionPeriod"),
    waitSeconds: number("ReceiveMessageWaitTimeSeconds"),
    maximumMessageBytes: number("MaximumMessageSize"),
    contentBasedDeduplication: attributes["ContentBasedDeduplication"] === "true",
    redrivePolicy: redrive ? readRedrivePolicy(redrive) : undefined,
  };
}

function rules(byName: Readonly<Record<string, AttributeRule>>): ReadonlyMap<string, AttributeRule> {
  return new Map(Object.entries(byName));
}

function check(name: string, value: string, fifo: boolean): string {
  const rule = RULES.get(name) ?? (fifo ? FIFO_RULES.get(name) : undefined);
  if (rule === undefined) throw unknownAttribute(name);
  if (name === "FifoQueue" && value.toLowerCase() !== "true") {
    throw new AwsError(
      "InvalidAttributeValue",
      "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
    );
  }
  if (name === "RedrivePolicy" && value !== "") readRedrivePolicy(value);
  if (name === "RedriveAllowPolicy" && value !== "") checkRedriveAllowPolicy(value);
  const { range, values, isRight } = rule;
  const kept = values?.find((known) => known.toLowerCase() === value.toLowerCase()) ?? value;
  const isFine =
    (values === undefined || values.includes(kept)) &&
    (range === undefined || (/^\d+$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1])) &&
    (isRight === undefined || value === "" || isRight(value));
  if (isFine) return kept;
  throw new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
}

/** As SQS refuses an attribute that a queue does not have; two kinds have texts of their own. */
export function unknownAttribute(name: string): AwsError {
  const needsFifo = name === "DeduplicationScope" || name === "FifoThroughputLimit";
  const message = needsFifo ? `You can specify the ${name} only when FifoQueue is set to true.` : `Unknown Attribute ${name}.`;
  return new AwsError("InvalidAttributeName", message);
}

function isJsonObject(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
}
