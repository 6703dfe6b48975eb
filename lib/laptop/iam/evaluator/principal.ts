import { account, iamArn } from "../../shared/account.ts";
import { isRecord } from "../../shared/json.ts";

/** A session of a role. */
export interface RoleSession {
  readonly kind: "role";
  /** The role's own ARN. */
  readonly arn: string;
  /** The session's name: for a function, the function's. */
  readonly session: string;
  readonly sessionArn: string;
  /** The role's tags, by name in lower case. */
  readonly tags: ReadonlyMap<string, string>;
  /** Of the function that calls; undefined for somebody else with the role. */
  readonly functionArn?: string;
}

/** Who calls. */
export type Principal =
  | RoleSession
  /** The account's administrator: a person, a producer, a test. */
  | { readonly kind: "account"; readonly arn: string }
  /** A service of AWS that acts for a resource, such as SNS for a topic. */
  | { readonly kind: "service"; readonly service: string; readonly sourceArn: string };

export const administrator: Principal = { kind: "account", arn: iamArn("root") };

/** A session of a role. */
export function roleSession(
  roleArn: string,
  session: string,
  tags: ReadonlyMap<string, string> = new Map(),
  functionArn?: string,
): RoleSession {
  const roleName = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  const sessionArn = `arn:${account.partition}:sts::${account.id}:assumed-role/${roleName}/${session}`;
  return { kind: "role", arn: roleArn, session, sessionArn, tags, ...(functionArn !== undefined && { functionArn }) };
}

/**
 * How a statement names a caller: alone or among all (`caller`), by its role (`role`), or through its whole account (`account`),
 * which leaves it to the account's own policies whom to allow. IAM user guide, "AWS JSON policy elements: Principal"
 */
export type PrincipalMatch = "caller" | "role" | "account";

/** Finds out how a statement names a caller; undefined where it does not. */
export type PrincipalTest = (principal: Principal) => PrincipalMatch | undefined;

/**
 * Reads a Principal element: `*`, or lists by kind. Kinds that no caller here has (Federated, CanonicalUser) name nobody.
 *
 * @throws Error that says what was expected
 */
export function parsePrincipal(element: unknown): PrincipalTest {
  if (element === "*") return () => "caller";
  if (!isRecord(element)) throw new Error(`has the Principal ${JSON.stringify(element)}: expected "*" or an object`);
  const arns = new Set(texts(element["AWS"]));
  const services = new Set(texts(element["Service"]));
  return (principal) => {
    // "AWS": "*" is everybody too, services of AWS included: IAM user guide, "All principals".
    if (arns.has("*")) return "caller";
    if (principal.kind === "service") return services.has(principal.service) ? "caller" : undefined;
    if (principal.kind === "role" && arns.has(principal.sessionArn)) return "caller";
    if (principal.kind === "role" && arns.has(principal.arn)) return "role";
    return arns.has(account.id) || arns.has(iamArn("root")) ? "account" : undefined;
  };
}

function texts(value: unknown): string[] {
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return list.map((entry) => {
    if (typeof entry === "string") return entry;
    throw new Error(`has the principal ${JSON.stringify(entry)}: expected a text`);
  });
}
