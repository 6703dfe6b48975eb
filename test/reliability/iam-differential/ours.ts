import { keys } from "#lib/laptop/iam/access.ts";
import { decide } from "#lib/laptop/iam/evaluator/decide.ts";
import { parsePolicy, type PolicyKind } from "#lib/laptop/iam/evaluator/statement.ts";
import { type Case, type DecisionName, type PolicyStatement, VERSION } from "./case.ts";

/** What the laptop cloud's evaluator decides; keys that the case does not name are absent. */
export function ourDecision({ principal, action, resource, context, identity, boundary, ofResource }: Case): DecisionName {
  const named = keys(Object.fromEntries(Object.entries(context).map(([name, value]) => [name.toLowerCase(), value])));
  const { refusal } = decide(
    { principal, action, resource, context: (key) => named(key) ?? [] },
    {
      identity: principal.kind === "account" ? undefined : parsed(identity, "identity"),
      boundary: boundary && parsed(boundary, "identity"),
      resource: parsed(ofResource, "resource"),
    },
  );
  if (refusal === undefined) return "Allowed";
  return refusal.because === "explicit deny" ? "ExplicitlyDenied" : "ImplicitlyDenied";
}

function parsed(Statement: readonly PolicyStatement[], kind: PolicyKind) {
  return parsePolicy({ Version: VERSION, Statement }, kind, "the policy");
}
