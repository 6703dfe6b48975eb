import type { SQSClient } from "@aws-sdk/client-sqs";
import type { ServiceQueues } from "#lib/ops/dead-letters/queues.ts";
import type { Target } from "#lib/ops/target.ts";
import { confirmChange } from "../confirm-change.ts";

/** Asks before letters of a stage that keeps data are moved. @throws as {@link confirmChange} does */
export function confirmLetters(
  target: Target,
  client: SQSClient,
  { url }: Pick<ServiceQueues, "url">,
  yes: boolean | undefined,
  what: string,
): Promise<void> {
  return confirmChange({ target, client, account: accountOf(url), yes, what });
}

/** The account in a queue's URL: `https://sqs.eu-west-1.amazonaws.com/123456789012/orders`. */
export function accountOf(queueUrl: string): string | undefined {
  return URL.parse(queueUrl)?.pathname.split("/")[1];
}
