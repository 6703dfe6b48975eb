import { isFixedKey } from "./condition-keys.ts";
import type { Context } from "./context.ts";
import type { Principal, PrincipalMatch } from "./principal.ts";
import type { Statement } from "./statement.ts";

/** What somebody wants to do. */
export interface Wish {
  readonly principal: Principal;
  /** `sqs:SendMessage`. */
  readonly action: string;
  /** ARN. */
  readonly resource: string;
  readonly context: Context;
}

/** The policies that decide on a wish. */
export interface ApplicablePolicies {
  /** Of the caller's role; undefined where the caller may do all that is not denied. */
  readonly identity: readonly Statement[] | undefined;
  /** The role's permissions boundary, where it has one. */
  readonly boundary?: readonly Statement[] | undefined;
  /** Of the resource. */
  readonly resource: readonly Statement[];
}

/** Why a wish is refused, in the words of AWS's own message. */
export type Refusal =
  | {
      readonly because: "explicit deny";
      readonly in: "identity-based policy" | "resource-based policy" | "permissions boundary";
      readonly place: string;
    }
  | { readonly because: "no allow"; readonly in: "identity-based policy" | "resource-based policy" | "permissions boundary" };

export interface Decision {
  /** Absent where the wish is granted. */
  readonly refusal?: Refusal;
  /** The same for every such wish of the caller: no condition and no variable asked for what changes from call to call. */
  readonly lasting: boolean;
  /** Condition keys that policies ask for and of which nothing is known in this call. */
  readonly unknownKeys?: readonly string[];
}

/**
 * Decides as IAM does within one account: an explicit deny anywhere wins; else the resource's policy or the caller's own must
 * allow, and the caller's own within its boundary. IAM user guide, "Policy evaluation logic": "Evaluating identity-based policies
 * with resource-based policies", "Permissions boundaries for IAM entities".
 */
export function decide(wish: Wish, { identity, boundary, resource }: ApplicablePolicies): Decision {
  let lasting = true;
  let unknownKeys: string[] | undefined;
  const context: Context = (key) => {
    if (!isFixedKey(key)) lasting = false;
    const values = wish.context(key);
    if (values === undefined) (unknownKeys ??= []).push(key);
    return values;
  };
  const asked = { ...wish, context };
  const own = weigh(identity ?? [], asked);
  const limit = boundary && weigh(boundary, asked);
  const others = weigh(resource, asked, boundary !== undefined);
  const refusal = refusalOf(wish.principal, {
    own: identity === undefined ? { ...own, allows: "caller" } : own,
    limit,
    others,
  });
  return { ...(refusal && { refusal }), lasting, ...(unknownKeys && { unknownKeys }) };
}

/** What some statements say to a wish: the one that denies it, and how the one that allows it names the caller. */
interface Weight {
  readonly denies: Statement | undefined;
  readonly allows: "caller" | "role" | undefined;
}

function weigh(statements: readonly Statement[], wish: Wish, bounded = false): Weight {
  let denies: Statement | undefined;
  let allows: Weight["allows"];
  for (const statement of statements) {
    const match = matchOf(statement, wish.principal, bounded);
    if (match === undefined || !isAbout(statement, wish)) continue;
    if (!statement.condition.holds(wish.context)) continue;
    if (statement.effect === "Deny") denies ??= statement;
    // A statement for the whole account leaves it to the account's own policies whom to allow.
    else if (match !== "account") allows = allows === "caller" ? "caller" : match;
  }
  return { denies, allows };
}

/** A deny with NotPrincipal is for everybody who has a permissions boundary. IAM user guide, "AWS JSON policy elements: NotPrincipal" */
function matchOf(
  { principal: test, namesOthers, effect }: Statement,
  principal: Principal,
  bounded: boolean,
): PrincipalMatch | undefined {
  if (!test || (bounded && namesOthers && effect === "Deny")) return "caller";
  return test(principal);
}

function isAbout(statement: Statement, { action, resource, context }: Wish): boolean {
  return statement.action(action, context) && statement.resource(resource, context);
}

function refusalOf(
  { kind }: Principal,
  { own, limit, others }: { own: Weight; limit: Weight | undefined; others: Weight },
): Refusal | undefined {
  const denied = (place: Statement, where: Refusal["in"]): Refusal => ({
    because: "explicit deny",
    in: where,
    place: place.place,
  });
  if (own.denies) return denied(own.denies, "identity-based policy");
  if (others.denies) return denied(others.denies, "resource-based policy");
  if (limit?.denies) return denied(limit.denies, "permissions boundary");
  // What a resource grants to the session or to everybody is outside of the role's boundary; what it grants to the role is not.
  if (others.allows === "caller") return undefined;
  if (kind === "service") return { because: "no allow", in: "resource-based policy" };
  if (own.allows === undefined && others.allows === undefined) return { because: "no allow", in: "identity-based policy" };
  if (limit && limit.allows === undefined) return { because: "no allow", in: "permissions boundary" };
  return undefined;
}
