/** Timeouts of AWS calls, in milliseconds: a hanging call must fail while the invocation still has time to report it. */
export const requestHandler = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
