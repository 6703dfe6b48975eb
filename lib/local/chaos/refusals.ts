import { AwsError } from "../http.ts";
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

/** The refusal of a write that met a transaction; absent for a call that cannot. */
export function conflicted({ api, operation, actions }: Call): AwsError | undefined {
  if (api !== "dynamodb") return undefined;
  const message = "Transaction is ongoing for the item, as a rule of chaos asks (fanfare chaos list).";
  if (actions > 0) {
    const reasons = Array.from({ length: actions }, () => ({ Code: "TransactionConflict", Message: message }));
    const codes = reasons.map(({ Code }) => Code).join(", ");
    const cancelled = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
    return new AwsError("TransactionCanceledException", cancelled, 400, { CancellationReasons: reasons });
  }
  return /^(Put|Update|Delete)Item$/.test(operation) ? new AwsError("TransactionConflictException", message) : undefined;
}
