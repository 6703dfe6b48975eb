import { AwsError } from "../../../shared/aws-error.ts";
import { isRecord } from "../../../shared/json.ts";

/** Where messages go after too many receives. */
export interface RedrivePolicy {
  readonly targetArn: string;
  readonly maxReceiveCount: number;
}

const MOST_RECEIVES = 1_000;

/** What a RedrivePolicy attribute says. @throws AwsError InvalidParameterValue */
export function readRedrivePolicy(text: string): RedrivePolicy {
  const refuse = (reason: string): never => {
    throw new AwsError("InvalidParameterValue", `Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  };
  const policy = parse(text) ?? refuse("Redrive policy is not a valid JSON map.");
  const { deadLetterTargetArn: targetArn, maxReceiveCount, ...others } = policy;
  if (targetArn === undefined) refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  if (maxReceiveCount === undefined) refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  if (!isQueueArn(targetArn)) return refuse("Invalid value for deadLetterTargetArn.");
  if (Object.keys(others).length > 0)
    refuse("Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].");
  const count =
    typeof maxReceiveCount === "string" && /^\d+$/.test(maxReceiveCount) ? Number(maxReceiveCount) : maxReceiveCount;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > MOST_RECEIVES) {
    const value = String(maxReceiveCount);
    return refuse(`Invalid value for maxReceiveCount: ${value}, valid values are from 1 to ${MOST_RECEIVES} both inclusive.`);
  }
  return { targetArn, maxReceiveCount: count };
}

/** The most source queues that a RedriveAllowPolicy can name: SQS API reference, SetQueueAttributes. */
const MOST_SOURCES = 10;
const PERMISSIONS: readonly unknown[] = ["allowAll", "denyAll", "byQueue"];

/**
 * Checks a RedriveAllowPolicy attribute.
 *
 * @throws AwsError InvalidAttributeValue for one without the form of a policy, InvalidParameterValue where its parts do not fit
 */
export function checkRedriveAllowPolicy(text: string): void {
  const { redrivePermission = "allowAll", sourceQueueArns: sources = [], ...others } = parse(text) ?? { redrivePermission: "" };
  const hasForm = PERMISSIONS.includes(redrivePermission) && Array.isArray(sources) && Object.keys(others).length === 0;
  if (!hasForm || !sources.every(isQueueArn))
    throw new AwsError("InvalidAttributeValue", "Invalid value for the parameter RedriveAllowPolicy.");
  const refuse = (reason: string): AwsError => {
    const said = `Amazon SQS can't create the redrive allow policy. ${reason}`;
    return new AwsError("InvalidParameterValue", `Value ${text} for parameter RedriveAllowPolicy is invalid. Reason: ${said}`);
  };
  const isByQueue = redrivePermission === "byQueue";
  if (sources.length > 0 && !isByQueue)
    throw refuse("To specify one or more source queue ARNs, you must set redrivePermission to byQueue.");
  if (sources.length === 0 && isByQueue)
    throw refuse("When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.");
  if (sources.length > MOST_SOURCES)
    throw refuse(`The maximum number of source queue ARNs you can specify is ${MOST_SOURCES}.`);
}

/** Whether a dead-letter queue with a RedriveAllowPolicy, or none, takes the dead letters of a queue. */
export function allowsSource(policy: string | undefined, sourceArn: string): boolean {
  const { redrivePermission = "allowAll", sourceQueueArns: sources } = parse(policy || "{}") ?? {};
  if (redrivePermission === "byQueue") return Array.isArray(sources) && sources.includes(sourceArn);
  return redrivePermission !== "denyAll";
}

function isQueueArn(value: unknown): value is string {
  return typeof value === "string" && /^arn:[^:]+:sqs:[^:]+:\d+:[\w.-]+$/.test(value);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const policy: unknown = JSON.parse(text);
    return isRecord(policy) ? policy : undefined;
  } catch {
    return undefined;
  }
}
