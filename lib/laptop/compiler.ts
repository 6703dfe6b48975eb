import { setFlagsFromString } from "node:v8";

/** Calls after which V8 compiles a function with TurboFan; its own default is 3,000. Loops are compiled by another count. */
const CALLS_BEFORE_TURBOFAN = 100_000;

/**
 * Has V8 keep TurboFan, its slowest compiler, for code that is really hot. Each environment of each function would otherwise compile
 * the same AWS SDK anew: a fifth of what the cloud used. V8's flags are the whole process's. See docs/decisions/late-turbofan.md.
 */
export function compileLate(): void {
  setFlagsFromString(`--invocation-count-for-turbofan=${CALLS_BEFORE_TURBOFAN}`);
}
