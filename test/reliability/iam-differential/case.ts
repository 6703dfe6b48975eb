import type { Principal } from "#lib/laptop/iam/evaluator/principal.ts";

/** One question to two evaluators. */
export interface Case {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the call has, as policies spell them; all others are absent. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** Of a role; the administrator may do all, and services have none. */
  readonly identity: readonly PolicyStatement[];
  readonly boundary: readonly PolicyStatement[] | undefined;
  readonly ofResource: readonly PolicyStatement[];
}

/** A Condition element: the values of each key, by operator. */
export type Tests = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A statement as it stands in a document. */
export interface PolicyStatement {
  readonly Condition?: Tests;
  readonly [element: string]: unknown;
}

export const decisions = ["Allowed", "ExplicitlyDenied", "ImplicitlyDenied"] as const;
export type DecisionName = (typeof decisions)[number];

/** What both were asked, and what each said. */
export interface Difference {
  readonly number: number;
  readonly asked: Case;
  readonly ours: DecisionName;
  readonly theirs: DecisionName | "error";
}

export const VERSION = "2012-10-17";
