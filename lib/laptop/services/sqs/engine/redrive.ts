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
  const { deadLetterTargetArn: targetArn, maxReceiveCount } = policy;
  if (targetArn === undefined) refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  if (maxReceiveCount === undefined) refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  if (!isQueueArn(targetArn)) return refuse("Invalid value for deadLetterTargetArn.");
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

/** Whether a RedriveAllowPolicy attribute is one that SQS takes. */
export function isRedriveAllowPolicy(text: string): boolean {
  const policy = parse(text);
  if (policy === undefined) return false;
  const { redrivePermission = "allowAll", sourceQueueArns: sources } = policy;
  if (redrivePermission !== "byQueue") return PERMISSIONS.includes(redrivePermission) && sources === undefined;
  return Array.isArray(sources) && sources.length >= 1 && sources.length <= MOST_SOURCES && sources.every(isQueueArn);
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
