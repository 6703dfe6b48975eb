import { keys } from "#lib/laptop/iam/access.ts";
import { contextOf } from "#lib/laptop/iam/evaluator/context.ts";
import { decide, type Refusal } from "#lib/laptop/iam/evaluator/decide.ts";
import { administrator, type Principal, roleSession } from "#lib/laptop/iam/evaluator/principal.ts";
import { parsePolicy } from "#lib/laptop/iam/evaluator/statement.ts";

export const ROLE = "arn:aws:iam::000000000000:role/orders";
export const QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders";

/** A session of the role, with a tag. */
export const session = roleSession(
  ROLE,
  "orders-function",
  new Map(Object.entries({ team: "shop", tls: "TRUE", thing: "orders" })),
);

export { administrator };

/** What a question to the evaluator may leave out. */
export interface Question {
  readonly principal?: Principal;
  readonly action?: string;
  readonly resource?: string;
  /** Condition keys of the call, in lower case. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Statements of the role; none where there is no policy. */
  readonly identity?: readonly object[];
  readonly boundary?: readonly object[];
  /** Statements of the resource's policy. */
  readonly ofResource?: readonly object[];
}

/** What the evaluator says: `allowed`, or why not. */
export function decided({
  principal = session,
  action = "sqs:SendMessage",
  resource = QUEUE,
  context = {},
  identity = [],
  boundary,
  ofResource = [],
}: Question): "allowed" | `${Refusal["because"]}: ${Refusal["in"]}` {
  const { refusal } = decide(
    { principal, action, resource, context: contextOf(principal, keys(context), action) },
    {
      identity: principal.kind === "account" ? undefined : parsed(identity, "identity"),
      boundary: boundary && parsed(boundary, "identity"),
      resource: parsed(ofResource, "resource"),
    },
  );
  return refusal ? `${refusal.because}: ${refusal.in}` : "allowed";
}

function parsed(statements: readonly object[], kind: "identity" | "resource") {
  return parsePolicy({ Version: "2012-10-17", Statement: statements }, kind, "the policy");
}

/** A statement that allows sending to the queue, with what is given put in its place. */
export function allow(over: object = {}): object {
  return { Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE, ...over };
}

export function deny(over: object = {}): object {
  return allow({ Effect: "Deny", ...over });
}
