import type { Refusal } from "./evaluator/decide.ts";
import type { Principal } from "./evaluator/principal.ts";

/** A refused wish, as its caller and its reader are told. */
export interface Refused {
  readonly principal: Principal;
  /** As IAM writes it: `sqs:SendMessage`. */
  readonly action: string;
  readonly resource: string;
  readonly refusal: Refusal;
}

/** What a service may write in its own way in the message of a refusal. */
export type Wording = Partial<Pick<Refused, "action" | "resource">>;

/** AWS's usual message to a caller who is refused. IAM user guide, "Troubleshoot access denied error messages" */
export function refusalMessage(refused: Refused, wording: Wording = {}): string {
  const { principal, action, resource, refusal } = { ...refused, ...wording };
  const article = refusal.in === "identity-based policy" ? "an" : "a";
  const reason =
    refusal.because === "explicit deny"
      ? `with an explicit deny in ${article} ${refusal.in}`
      : `because no ${refusal.in} allows the ${action} action`;
  return `User: ${nameOf(principal)} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}

/** A caller, as AWS's messages name them. */
export function nameOf(principal: Principal): string {
  return principal.kind === "role" ? principal.sessionArn : principal.kind === "account" ? principal.arn : principal.service;
}

/** One line for a person: who, what, on what, and the statement to add; ready to be pasted into the policy. */
export function noticeOf(refused: Refused, mode: "enforce" | "report"): string {
  const { principal, action, resource, refusal } = refused;
  const verb = mode === "enforce" ? "IAM refuses" : "IAM would refuse";
  const what = `${verb} ${describe(principal)} ${action} on ${resource}`;
  if (refusal.because === "explicit deny") return `${what}: the ${refusal.place} denies it`;
  return `${what}: no ${refusal.in} allows it. Missing grant: ${JSON.stringify(missingGrant(refused))}`;
}

function describe(principal: Principal): string {
  switch (principal.kind) {
    case "role":
      return `${principal.session} (role ${principal.arn.slice(principal.arn.lastIndexOf("/") + 1)})`;
    case "account":
      return "the account's administrator";
    case "service":
      return `${principal.service} (for ${principal.sourceArn})`;
  }
}

function missingGrant({ principal, action, resource }: Refused): object {
  if (principal.kind !== "service") return { Effect: "Allow", Action: action, Resource: resource };
  return {
    Effect: "Allow",
    Principal: { Service: principal.service },
    Action: action,
    Resource: resource,
    Condition: { ArnEquals: { "aws:SourceArn": principal.sourceArn } },
  };
}
