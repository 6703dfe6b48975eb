import { AwsError } from "../shared/aws-error.ts";
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

/** The error that the service answers with: each has its own name and status for it, and its own way to write the message. */
export function accessDenied(api: string, refused: Refused): AwsError {
  switch (api) {
    case "sns":
      // SNS API reference, "Common Errors"; the message writes the service's name in capitals.
      return new AwsError("AuthorizationError", message({ ...refused, action: refused.action.replace(/^sns:/, "SNS:") }), 403);
    case "sqs":
      return new AwsError("AccessDenied", message({ ...refused, action: refused.action.toLowerCase() }), 403);
    case "s3":
      return new AwsError("AccessDenied", message({ ...refused, resource: `"${refused.resource}"` }), 403);
    case "ses":
      return new AwsError("AccessDeniedException", sesMessage(refused), 403);
    case "lambda":
      return new AwsError("AccessDeniedException", message(refused), 403);
    default:
      return new AwsError("AccessDeniedException", message(refused), 400);
  }
}

/** IAM user guide, "Troubleshoot access denied error messages" */
function message({ principal, action, resource, refusal }: Refused): string {
  const article = refusal.in === "identity-based policy" ? "an" : "a";
  const reason =
    refusal.because === "explicit deny"
      ? `with an explicit deny in ${article} ${refusal.in}`
      : `because no ${refusal.in} allows the ${action} action`;
  return `User: ${nameOf(principal)} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}

function sesMessage({ principal, action, resource }: Refused): string {
  return `User \`${nameOf(principal)}' is not authorized to perform \`${action}' on resource \`${resource}'`;
}

function nameOf(principal: Principal): string {
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
