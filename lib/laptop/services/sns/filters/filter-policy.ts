import type { Alternatives, Scalar } from "../../../shared/event-pattern/condition.ts";
import type { WantedField } from "../../../shared/event-pattern/branch.ts";
import { EventPattern } from "../../../shared/event-pattern/event-pattern.ts";
import { InvalidPattern } from "../../../shared/event-pattern/invalid-pattern.ts";
import { JsonTokens } from "../../../shared/event-pattern/json-tokens.ts";
import { isRecord } from "../../../shared/json.ts";
import { filterPolicies } from "./dialect.ts";
import { parseJson } from "../parse-json.ts";

/** Where a filter policy looks: FilterPolicyScope of a subscription. */
export type FilterScope = "MessageAttributes" | "MessageBody";

/** The values of each attribute of a message. */
export type AttributeValues = ReadonlyMap<string, readonly Scalar[]>;

/** What a filter policy looks at. */
export interface Filtered {
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
  readonly values: AttributeValues;
}

/** Names and combinations that a filter policy may have: sns/latest/dg/subscription-filter-policy-constraints. */
const NAMES = 5;
const COMBINATIONS = 150;

/** A subscription's filter policy, compiled. Source: sns/latest/dg/sns-subscription-filter-policies and the pages below it. */
export class FilterPolicy {
  readonly #pattern: EventPattern;
  readonly #scope: FilterScope;

  /**
   * @param text JSON
   * @throws InvalidPattern with AWS's reason, without what stands before it
   */
  constructor(text: string, scope: FilterScope) {
    const policy = parsePolicy(text);
    // AWS compiles the policy as it writes it itself: the places in its messages are of this text.
    this.#pattern = new EventPattern(JSON.stringify(policy), filterPolicies);
    this.#scope = scope;
    checkComplexity(policy, this.#pattern);
    if (scope === "MessageAttributes" && this.#isNested) throw new NestedPolicy();
  }

  get #isNested(): boolean {
    return this.#pattern.branches.some((branch) => [...branch.values()].some(({ depth }) => depth > 1));
  }

  passes({ json, values }: Filtered): boolean {
    if (this.#scope === "MessageBody") return isRecord(json) && this.#pattern.matches(json);
    // Branches share fields, and a field may have as many values as a message has room for.
    const known = new Map<WantedField, boolean>();
    const isMet = (field: WantedField): boolean => {
      let met = known.get(field);
      if (met === undefined) known.set(field, (met = meetsOne(values.get(field.path), field.alternatives, values.size > 0)));
      return met;
    };
    return this.#pattern.branches.some((branch) => [...branch.values()].every(isMet));
  }
}

/** A policy on attributes that looks below one, which SNS refuses in its own words. */
export class NestedPolicy extends InvalidPattern {
  constructor() {
    super("Filter policy scope MessageAttributes does not support nested filter policy");
  }
}

function parsePolicy(text: string): unknown {
  try {
    // Says what is wrong, and where; too deep a policy is refused before anything walks through it.
    new JsonTokens(text);
  } catch (thrown) {
    if (!(thrown instanceof InvalidPattern)) throw thrown;
    throw new InvalidPattern(`failed to parse JSON. ${redacted(thrown.message)}`);
  }
  return parseJson(text);
}

/** AWS leaves the text out where it cannot even be parsed. */
export function redacted(message: string): string {
  const place = /; line: \d+, column: \d+\]$/.exec(message)?.[0] ?? "]";
  const reason = message.slice(0, message.indexOf("\n at ["));
  return `${reason}\n at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled)${place}`;
}

function checkComplexity(policy: unknown, { branches }: EventPattern): void {
  if (namesOf(policy).size > NAMES) throw new InvalidPattern(`Filter policy can not have more than ${NAMES} keys`);
  const combinations = branches.reduce(
    (sum, branch) =>
      sum + [...branch.values()].reduce((product, { alternatives, depth }) => product * alternatives.count * depth, 1),
    0,
  );
  if (combinations > COMBINATIONS) throw new InvalidPattern("Filter policy is too complex");
}

/** The names at the top of a policy, and those that stand for it within `$or`. */
function namesOf(policy: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [name, below] of isRecord(value) ? Object.entries(value) : []) {
      if (name === "$or" && Array.isArray(below)) below.forEach(visit);
      else names.add(name);
    }
  };
  visit(policy);
  return names;
}

/** A missing attribute meets `exists: false`, where the message has another one: sns/latest/dg/attribute-key-matching. */
function meetsOne(values: readonly Scalar[] | undefined, alternatives: Alternatives, hasAttributes: boolean): boolean {
  if (values === undefined) return alternatives.absent && hasAttributes;
  const { exact, tests, present } = alternatives;
  return values.some(
    (value) =>
      exact.has(value) ||
      (present && value !== null && value !== "") ||
      (value !== null && tests.some((test) => test.holds(value))),
  );
}
