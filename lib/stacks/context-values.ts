import { ConfigurationError } from "../constructs/configuration-error.ts";

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

/** @throws ConfigurationError when the context value is not an e-mail address. */
export function address(key: string, value: unknown): string | undefined {
  return matching(key, value, /^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an e-mail address");
}

/** @throws ConfigurationError when the context value is not a topic's ARN. */
export function topicArn(key: string, value: unknown): string | undefined {
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
