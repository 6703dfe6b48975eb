import { AwsError } from "../../shared/aws-error.ts";

/** The cancellation of a transaction whose actions met others. @param messages of each action that did; undefined for one that did not */
export function transactionConflict(messages: readonly (string | undefined)[]): AwsError {
  const reasons = messages.map((Message) =>
    Message === undefined ? { Code: "None" } : { Code: "TransactionConflict", Message },
  );
  const codes = reasons.map(({ Code }) => Code).join(", ");
  return new AwsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
}

export function resourceNotFound(): AwsError {
  return new AwsError("ResourceNotFoundException", "Requested resource not found");
}

export function unknownOperation(operation: string): AwsError {
  return new AwsError("UnknownOperationException", `The laptop cloud's DynamoDB engine has no ${operation}.`);
}
