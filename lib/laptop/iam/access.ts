import type { Context } from "./evaluator/context.ts";

/** One thing that a call does, and that its caller must be allowed to do. */
export interface Access {
  /** The action that IAM decides on, which at times is not the operation: `sqs:SendMessage` for SendMessageBatch. */
  readonly action: string;
  /** The ARN; `*` for an action that is about no resource. Of several, it suffices to be allowed on one. */
  readonly resources: readonly [string, ...string[]];
  /** The condition keys that the call itself has; undefined for keys of which it says nothing. */
  readonly context?: Context;
}

export function access(action: string, resource: string, context?: Context): Access {
  return { action, resources: [resource], ...(context && { context }) };
}

/** Condition keys, by name in lower case; one that is named without a value is one that the call does not have. */
export function keys(values: Readonly<Record<string, string | readonly string[] | undefined>>): Context {
  return (key) => {
    const value = values[key];
    if (value === undefined) return key in values ? [] : undefined;
    return typeof value === "string" ? [value] : value;
  };
}

/**
 * `aws:RequestTag/<key>` and `aws:TagKeys` of a call with these tags, or with none.
 *
 * @param removed the keys of the tags that the call takes away
 */
export function requestTags(tags: ReadonlyMap<string, string>, removed: readonly string[] = []): Context {
  const byKey = new Map([...tags].map(([key, value]) => [key.toLowerCase(), [value]]));
  const tagKeys = [...tags.keys(), ...removed];
  return (key) => {
    if (key === "aws:tagkeys") return tagKeys;
    return key.startsWith("aws:requesttag/") ? (byKey.get(key.slice("aws:requesttag/".length)) ?? []) : undefined;
  };
}
