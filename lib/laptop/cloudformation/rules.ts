import { CloudError } from "../shared/errors.ts";
import { evaluate } from "./expressions/intrinsics.ts";
import { isRecord } from "../shared/json.ts";
import type { Scope } from "./expressions/scope.ts";
import type { Section } from "../assembly/template.ts";

/** These look into an account for resources that parameters name; here they hold. */
const ACCOUNT_FUNCTIONS = ["Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"];

/**
 * Checks the values of a stack's parameters by the rules of its template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 *
 * @throws CloudError with the description of the assertion that fails.
 */
export function checkRules(rules: Section, scope: Scope): void {
  for (const [name, { RuleCondition: condition, Assertions: assertions }] of Object.entries(rules)) {
    if (condition !== undefined && !evaluate(condition, scope)) continue;
    for (const assertion of Array.isArray(assertions) ? assertions.filter(isRecord) : []) {
      const { Assert: assert, AssertDescription: description } = assertion;
      if (asksAccount(assert) || evaluate(assert, scope)) continue;
      throw new CloudError(
        `Stack ${scope.stackName} refuses its parameters by the rule ${name}: ${
          typeof description === "string" ? description : JSON.stringify(assert)
        }`,
      );
    }
  }
}

function asksAccount(assertion: unknown): boolean {
  const text = JSON.stringify(assertion) ?? "";
  return ACCOUNT_FUNCTIONS.some((name) => text.includes(`"${name}"`));
}
