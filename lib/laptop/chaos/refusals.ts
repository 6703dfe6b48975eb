import { AwsError } from "../shared/aws-error.ts";
import type { Call } from "./call.ts";

/** What each API answers to a caller that calls too often: the API references, "Errors". */
const THROTTLES: Readonly<Record<string, readonly [code: string, status: number]>> = {
  dynamodb: ["ProvisionedThroughputExceededException", 400],
  sns: ["Throttling", 400],
  sqs: ["RequestThrottled", 400],
  ses: ["TooManyRequestsException", 429],
  lambda: ["TooManyRequestsException", 429],
  s3: ["SlowDown", 503],
};

/** The refusal of a call that came too often. */
export function throttled({ api = "" }: Call): AwsError {
  const [code, status] = THROTTLES[api] ?? ["ThrottlingException", 400];
  return new AwsError(code, "Rate exceeded, as a rule of chaos asks (fanfare chaos list).", status);
}

/** The cancellation of a transaction that met another one on its items; absent for a call that is no transaction. */
export function conflicted({ api, actions }: Call): AwsError | undefined {
  if (api !== "dynamodb" || actions === 0) return undefined;
  const message = "Transaction is ongoing for the item, as a rule of chaos asks (fanfare chaos list).";
  const reasons = Array.from({ length: actions }, () => ({ Code: "TransactionConflict", Message: message }));
  const codes = reasons.map(({ Code }) => Code).join(", ");
  const cancelled = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError("TransactionCanceledException", cancelled, 400, { CancellationReasons: reasons });
}
