import { isRecord } from "./json.ts";

/** The ARN of the queue that takes dead letters, by a RedrivePolicy attribute; absent where it names none. */
export function deadLetterArn(redrivePolicy: string | undefined): string | undefined {
  if (!redrivePolicy) return undefined;
  const policy: unknown = JSON.parse(redrivePolicy);
  return isRecord(policy) && typeof policy["deadLetterTargetArn"] === "string" ? policy["deadLetterTargetArn"] : undefined;
}
