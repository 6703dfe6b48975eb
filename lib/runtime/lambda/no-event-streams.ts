/**
 * Replaces the SDK's event streams in every function's bundle: none of DynamoDB, SNS, SQS, SES and SSM has an operation that streams
 * events, yet each client brings 16 KB for it.
 */
export function EventStreamSerde(): never {
  throw new Error("event streams are left out of functions' bundles: lib/constructs/function/bundle.ts, STAND_INS");
}

export const eventStreamSerdeProvider = undefined;
