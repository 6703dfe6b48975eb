import type { Stack } from "./assembly.ts";
import { CloudError } from "./errors.ts";
import { asText } from "./json.ts";
import type { ParameterStore } from "./services/ssm.ts";

/** The parameter that every CDK stack has for the bootstrap stack of an account, of which there is none here. */
const BOOTSTRAP_PREFIX = "/cdk-bootstrap/";

/**
 * The values of a stack's parameters: given by the user, set by the assembly, read from the Parameter Store, or the
 * template's default.
 *
 * @throws CloudError where a value is missing; it says how to give it.
 */
export function parameterValues(
  stack: Stack,
  store: ParameterStore,
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(stack.template.parameters).map(([name, declaration]): [string, unknown] => {
      const type = String(declaration["Type"]);
      const declared = given[name] ?? stack.parameters[name] ?? declaration["Default"];
      const value = type.startsWith("AWS::SSM::Parameter::Value<")
        ? stored(String(stack.parameters[name] ?? declaration["Default"]), stack, store)
        : declared;
      if (value === undefined) {
        throw new CloudError(`Stack ${stack.name} needs a value for ${name}. Give it with --parameter ${name}=value.`);
      }
      return [name, isList(type) ? asText(value).split(",") : value];
    }),
  );
}

function stored(name: string, stack: Stack, store: ParameterStore): string {
  const value = store.get(name)?.value;
  if (value !== undefined) return value;
  if (name.startsWith(BOOTSTRAP_PREFIX)) return "0";
  throw new CloudError(
    `Stack ${stack.name} needs the SSM parameter ${name}, which nothing sets. Give it with --parameter ${name}=value.`,
  );
}

function isList(type: string): boolean {
  return type === "CommaDelimitedList" || type.includes("List<");
}
