import type { Principal } from "../../../iam/evaluator/principal.ts";
import type { Input } from "./input.ts";

/** A call of SNS, as its actions take it. */
export interface SnsCall {
  readonly input: Input;
  /** The region that it was signed for. */
  readonly region: string;
  readonly caller: Principal;
  /** Whether it was signed at all. */
  readonly isSigned: boolean;
  /** X-Amzn-Trace-Id. */
  readonly traceHeader: string | undefined;
}

/** What does the actions of a part of the API, by their names. */
export type Handlers = Readonly<Record<string, (call: SnsCall) => Readonly<Record<string, unknown>>>>;

/** What an action without an output gives back. */
export const NOTHING: Readonly<Record<string, unknown>> = {};
