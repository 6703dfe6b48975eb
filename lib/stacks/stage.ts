import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { ConfigurationError } from "../constructs/configuration-error.ts";

/** One stage of the system: the settings that differ between development and production. */
export interface Stage {
  /** Part of every resource's name. */
  readonly name: "dev" | "prod";
  /** Keeps queues, tables and logs when a stack is deleted, and protects tables and stacks from deletion. */
  readonly keepsData: boolean;
  readonly logRetention: RetentionDays;
  /** Sender of e-mail to customers; its domain must be verified in SES. */
  readonly emailFrom: string;
  /** Encrypts topics and queues with a customer KMS key ($1 a month, and a fraction of a cent per thousand messages). */
  readonly customerKey: boolean;
  /** E-mail address for alarms; an SNS topic is created for it. @default - none */
  readonly alarmEmail?: string;
  /** ARN of an existing SNS topic for alarms. @default - none */
  readonly alarmTopicArn?: string;
}

const EMAIL_FROM = "orders@shop.example";

const STAGES: Readonly<Record<Stage["name"], Stage>> = {
  dev: {
    name: "dev",
    keepsData: false,
    logRetention: RetentionDays.ONE_WEEK,
    emailFrom: EMAIL_FROM,
    customerKey: false,
  },
  prod: {
    name: "prod",
    keepsData: true,
    logRetention: RetentionDays.SIX_MONTHS,
    emailFrom: EMAIL_FROM,
    customerKey: false,
  },
};

/**
 * The stage that the app's context chooses: `stage` (`dev` by default), with overrides for `emailFrom`, `customerKey`,
 * `alarmEmail` and `alarmTopicArn`. For example: `cdk deploy -c stage=prod -c alarmEmail=ops@shop.example`.
 *
 * @param context the value of a context key, or undefined
 * @throws ConfigurationError when a value is invalid, or a stage that keeps data has nobody to tell of its alarms.
 */
export function stageFrom(context: (key: string) => unknown): Stage {
  const name = context("stage") ?? "dev";
  if (name !== "dev" && name !== "prod") {
    throw new ConfigurationError(
      `unknown stage ${JSON.stringify(name)}: expected ${Object.keys(STAGES).join(" or ")}, as in -c stage=dev`,
    );
  }
  const stage = STAGES[name];
  const alarmEmail = address("alarmEmail", context("alarmEmail"));
  const alarmTopicArn = topicArn("alarmTopicArn", context("alarmTopicArn"));
  if (alarmEmail !== undefined && alarmTopicArn !== undefined) {
    throw new ConfigurationError("alarmEmail and alarmTopicArn are both given: expected one of them");
  }
  if (stage.keepsData && alarmEmail === undefined && alarmTopicArn === undefined) {
    throw new ConfigurationError(
      `stage ${name} has nobody to tell of its alarms: pass -c alarmEmail=you@example.org or -c alarmTopicArn=arn:aws:sns:...`,
    );
  }
  return {
    ...stage,
    emailFrom: address("emailFrom", context("emailFrom")) ?? stage.emailFrom,
    customerKey: yesOrNo("customerKey", context("customerKey")) ?? stage.customerKey,
    ...(alarmEmail !== undefined && { alarmEmail }),
    ...(alarmTopicArn !== undefined && { alarmTopicArn }),
  };
}

/**
 * A boolean context value: `true` or `false`, also as the text that `-c` passes.
 *
 * @throws ConfigurationError when it is something else.
 */
export function yesOrNo(key: string, value: unknown): boolean | undefined {
  if (value === undefined) return undefined;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw wrong(key, value, "true or false");
}

function address(key: string, value: unknown): string | undefined {
  return matching(key, value, /^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an e-mail address");
}

function topicArn(key: string, value: unknown): string | undefined {
  return matching(key, value, /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, "the ARN of an SNS topic");
}

function matching(key: string, value: unknown, form: RegExp, expected: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && form.test(value)) return value;
  throw wrong(key, value, expected);
}

function wrong(key: string, value: unknown, expected: string): ConfigurationError {
  return new ConfigurationError(`context ${key} is ${JSON.stringify(value)}: expected ${expected}`);
}
