import type { Invocation, WorkerSettings } from "../protocol.ts";

/** The handler's second argument. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface LambdaContext {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  /** A decimal number as text, as in Lambda. */
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Milliseconds until the invocation is stopped. */
  getRemainingTimeInMillis(): number;
}

/** The context of one invocation. */
export function lambdaContext(settings: WorkerSettings, invocation: Invocation): LambdaContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: invocation.requestId,
    functionName: settings.functionName,
    functionVersion: invocation.version,
    invokedFunctionArn: invocation.invokedArn,
    memoryLimitInMB: String(settings.memoryMegabytes),
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: settings.logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  };
}
