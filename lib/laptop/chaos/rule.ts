import * as v from "valibot";
import { AwsError } from "../shared/aws-error.ts";

/** What can be made to go wrong. */
export const FAULTS = ["throttle", "conflict", "latency", "duplicate", "lost-answer"] as const;

/** The APIs whose calls a rule can pick. */
export const APIS = ["dynamodb", "sns", "sqs", "ses", "ssm", "lambda", "s3"] as const;

const rate = v.pipe(
  v.number("rate is no number above 0 and up to 1"),
  v.gtValue(0, "rate is not above 0"),
  v.maxValue(1, "rate is above 1: it is a share, 0.2 for every fifth call"),
);

const wholeNumber = (name: string, most: number) =>
  v.pipe(
    v.number(`${name} is no number`),
    v.safeInteger(`${name} is no whole number`),
    v.minValue(0, `${name} is below 0`),
    v.maxValue(most, `${name} is above ${most}`),
  );

/** Longest that a call is held up: AWS's SDKs give up long before. */
const LONGEST_MILLISECONDS = 60_000;

const rule = v.pipe(
  v.strictObject(
    {
      fault: v.picklist(FAULTS, `fault is not one of ${FAULTS.join(", ")}`),
      rate,
      api: v.optional(v.picklist(APIS, `api is not one of ${APIS.join(", ")}`)),
      operation: v.optional(v.pipe(v.string("operation is no text"), v.nonEmpty("operation is empty"))),
      resource: v.optional(v.pipe(v.string("resource is no text"), v.nonEmpty("resource is empty"))),
      milliseconds: v.optional(wholeNumber("milliseconds", LONGEST_MILLISECONDS)),
      seed: v.optional(wholeNumber("seed", 0xffff_ffff)),
    },
    ({ expected, received }) => {
      if (expected === "never") return `there is no ${received}`;
      return received === "undefined" ? `${expected} is missing` : "it is no object";
    },
  ),
  v.check(
    ({ fault, milliseconds }) => (fault === "latency") === (milliseconds !== undefined),
    "milliseconds go with latency, and only with it",
  ),
  v.check(({ fault, api = "dynamodb" }) => fault !== "conflict" || api === "dynamodb", "conflict is of dynamodb alone"),
  v.check(({ fault, api = "sns" }) => fault !== "duplicate" || api === "sns", "duplicate is of sns alone"),
);

/**
 * What goes wrong, how often, and with which calls: of one API, of one operation (`TransactWriteItems`), on one table, queue or
 * topic (its name). What is left out is any.
 */
export type ChaosRule = v.InferOutput<typeof rule>;

/** Reads a rule that somebody has sent. @throws AwsError ValidationException that says what is wrong. */
export function parseRule(input: unknown): ChaosRule {
  const { success, output, issues } = v.safeParse(rule, input);
  if (success) return output;
  throw new AwsError("ValidationException", `A rule of chaos: ${issues.map(({ message }) => message).join("; ")}.`);
}

/** What a rule says, whoever has checked it. */
type RuleText = Omit<ChaosRule, "api"> & { readonly api?: string | undefined };

/** A rule in words: `throttle: 20 % of dynamodb TransactWriteItems on orders`. */
export function describeRule({ fault, rate, api, operation, resource, milliseconds }: RuleText): string {
  const share = `${Number((rate * 100).toPrecision(3))} %`;
  const what = [
    api ?? "every API",
    ...(operation === undefined ? [] : [operation]),
    ...(resource === undefined ? [] : [`on ${resource}`]),
  ];
  return `${fault}${milliseconds === undefined ? "" : ` of ${milliseconds} ms`}: ${share} of ${what.join(" ")}`;
}
