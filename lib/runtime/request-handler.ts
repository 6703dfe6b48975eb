/** How AWS clients call out of a function: a call that hangs must fail while the invocation still has time to say so. */
export const requestHandler = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
