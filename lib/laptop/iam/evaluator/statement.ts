import { CloudError, messageOf } from "../../shared/errors.ts";
import { isRecord } from "../../shared/json.ts";
import { type Condition, parseCondition } from "./condition.ts";
import { compilePattern, hasVariable, partsBetweenColons, type Pattern, type PatternRules } from "./pattern.ts";
import { parsePrincipal, type PrincipalTest } from "./principal.ts";

/** One statement of a policy, ready to be held against calls. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  /** Where it stands, for a person: `statement 2 (GiveUp) of Role in stack orders`. */
  readonly place: string;
  /** Whom it is about; absent in policies of a role, which are about the role. */
  readonly principal?: PrincipalTest;
  /** It is about all but those that it names: NotPrincipal. */
  readonly namesOthers?: boolean;
  readonly action: Pattern;
  readonly resource: Pattern;
  readonly condition: Condition;
}

/** What a policy belongs to: a statement of a resource's policy says whom it is about, one of a role's policy does not. */
export type PolicyKind = "identity" | "resource";

/**
 * Reads a policy document, as a template has it when its expressions are resolved.
 *
 * @param owner names the resource in errors: `Role in stack orders`
 * @throws CloudError in one line for what IAM would refuse too; it names the statement
 */
export function parsePolicy(document: unknown, kind: PolicyKind, owner: string): Statement[] {
  if (!isRecord(document)) {
    throw new CloudError(
      `The policy document of ${owner} is ${JSON.stringify(document)}: expected an object with a Statement.`,
    );
  }
  const { Statement: statements, Version: version } = document;
  const list: unknown[] = Array.isArray(statements) ? statements : [statements];
  // Policies of the older version, which is the default, know no variables. IAM user guide, "Version"
  const rules: PatternRules = { variables: version === "2012-10-17" };
  return list.map((statement, index) => {
    const sid = isRecord(statement) && typeof statement["Sid"] === "string" ? ` (${statement["Sid"]})` : "";
    const place = `statement ${index + 1}${sid} of ${owner}`;
    try {
      return parseStatement(statement, kind, rules, place);
    } catch (error) {
      throw new CloudError(`The ${place} ${messageOf(error)}.`);
    }
  });
}

function parseStatement(statement: unknown, kind: PolicyKind, rules: PatternRules, place: string): Statement {
  if (!isRecord(statement)) throw new Error(`is ${JSON.stringify(statement)}: expected an object`);
  const { Effect: effect } = statement;
  if (effect !== "Allow" && effect !== "Deny")
    throw new Error(`has the Effect ${JSON.stringify(effect)}: expected Allow or Deny`);
  // Where something is not known of a call, a statement does what is safe: it denies, and does not allow.
  const careful = { ...rules, whenUnknown: effect === "Deny" };
  const action = eitherPattern(statement, "Action", { ignoreCase: true });
  const resource = eitherPattern(statement, "Resource", careful);
  if (!action) throw new Error("has neither Action nor NotAction");
  if (!resource && kind === "identity") throw new Error("has neither Resource nor NotResource");
  return {
    effect,
    place,
    ...(kind === "resource" && { principal: principalOf(statement), namesOthers: statement["Principal"] === undefined }),
    action,
    // A resource's policy is about that resource where it names none.
    resource: resource ?? (() => true),
    condition: parseCondition(statement["Condition"], careful),
  };
}

/** `Action` or `NotAction`, `Resource` or `NotResource`. */
function eitherPattern(statement: Record<string, unknown>, name: string, rules: PatternRules): Pattern | undefined {
  const { [name]: wanted, [`Not${name}`]: unwanted } = statement;
  if (wanted !== undefined && unwanted !== undefined) throw new Error(`has both ${name} and Not${name}: expected one of them`);
  if (wanted !== undefined) return anyOf(wanted, name, rules);
  if (unwanted === undefined) return undefined;
  // NotResource does not allow all resources because its variable has no value.
  const careful = rules.whenUnknown !== true;
  const pattern = anyOf(unwanted, `Not${name}`, { ...rules, whenUnknown: careful, whenAbsent: careful });
  return (text, context) => !pattern(text, context);
}

function anyOf(value: unknown, name: string, rules: PatternRules): Pattern {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const patterns = list.map((entry) => {
    if (typeof entry !== "string") throw new Error(`has the ${name} ${JSON.stringify(entry)}: expected a text`);
    return name.endsWith("Resource") ? resourcePattern(entry, rules) : compilePattern(entry, rules);
  });
  const [only] = patterns;
  if (only && patterns.length === 1) return only;
  return (text, context) => patterns.some((pattern) => pattern(text, context));
}

/** Variables stand in the last part of an ARN alone: elsewhere they fit nothing. IAM user guide, "Policy variables: Where you can use them" */
function resourcePattern(pattern: string, rules: PatternRules): Pattern {
  const misplaced = rules.variables === true && partsBetweenColons(pattern).slice(0, 5).some(hasVariable);
  return misplaced ? () => rules.whenAbsent === true : compilePattern(pattern, rules);
}

function principalOf({ Principal: wanted, NotPrincipal: unwanted }: Record<string, unknown>): PrincipalTest {
  if (wanted !== undefined) return parsePrincipal(wanted);
  if (unwanted === undefined) throw new Error("has neither Principal nor NotPrincipal");
  const test = parsePrincipal(unwanted);
  return (principal) => (test(principal) === undefined ? "caller" : undefined);
}
