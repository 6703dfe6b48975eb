import { runInNewContext } from "node:vm";
import type { Stack } from "../assembly/assembly.ts";
import { CloudError, messageOf } from "../shared/errors.ts";
import { asText } from "../shared/json.ts";

/** The parameter that every CDK stack has for the bootstrap stack of an account, of which there is none here. */
const BOOTSTRAP_PREFIX = "/cdk-bootstrap/";
/** A version of the bootstrap stack as new as any (AWS CDK guide, bootstrapping): no rule finds it too old. */
const BOOTSTRAP_VERSION = "30";
/** Parameters that AWS publishes: images, zones, layers. */
const PUBLIC_PREFIX = "/aws/service/";

/** What the values of parameters are taken from. */
export interface ParameterSources {
  /** The value of an SSM parameter. */
  readonly ssm: (name: string) => string | undefined;
  /** By the user, by the parameter's name, or by `<stack>:<name>` for one stack alone. */
  readonly given: Readonly<Record<string, string>>;
}

type Declaration = Readonly<Record<string, unknown>>;

/**
 * The values of a stack's parameters: given by the user, set by the assembly or a parent stack, read from the Parameter Store, or
 * the template's default.
 *
 * @throws CloudError where a value is missing, or is not among those allowed; it says how to give one.
 */
export function parameterValues(stack: Stack, { ssm, given }: ParameterSources): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(stack.template.parameters).map(([name, declaration]): [string, unknown] => {
      const type = String(declaration["Type"]);
      const declared =
        own(given, `${stack.name}:${name}`) ?? own(given, name) ?? own(stack.parameters, name) ?? declaration["Default"];
      if (declared === undefined) {
        throw new CloudError(`Stack ${stack.name} needs a value for ${name}. Give it with --parameter ${name}=value.`);
      }
      checkAllowed(declared, name, declaration, stack);
      const value = isStored(type) ? stored(asText(declared), type, stack, ssm) : declared;
      return [name, isList(type) ? listOf(value) : value];
    }),
  );
}

function checkAllowed(value: unknown, name: string, declaration: Declaration, { name: stack }: Stack): void {
  const { AllowedValues: allowed, AllowedPattern: pattern, NoEcho: secret } = declaration;
  const shown = secret === true || secret === "true" ? "a secret value" : JSON.stringify(value);
  const refuse = (expected: string) => {
    throw new CloudError(
      `Parameter ${name} of stack ${stack} is ${shown}: expected ${expected}. Give it with --parameter ${name}=value.`,
    );
  };
  const text = asText(value);
  const parts = isList(String(declaration["Type"])) ? listOf(value) : [text];
  if (Array.isArray(allowed) && !parts.every((part) => allowed.map(asText).includes(part)))
    refuse(`one of ${allowed.map(asText).join(", ")}`);
  if (typeof pattern === "string" && !fits(text, pattern, `Parameter ${name} of stack ${stack}`)) refuse(`to match ${pattern}`);
}

/** How long an AllowedPattern may take: one that goes back without end is a fault of the template. */
const PATTERN_MILLISECONDS = 500;

/** @throws CloudError for a pattern that is none, or that does not come to an end */
function fits(text: string, pattern: string, owner: string): boolean {
  try {
    const result: unknown = runInNewContext(
      "new RegExp(`^(?:${pattern})$`).test(text)",
      { pattern, text },
      { timeout: PATTERN_MILLISECONDS },
    );
    return result === true;
  } catch (error) {
    throw new CloudError(`${owner} has the AllowedPattern ${pattern}, which cannot be used: ${messageOf(error)}.`);
  }
}

function own(values: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function stored(name: string, type: string, stack: Stack, ssm: ParameterSources["ssm"]): string {
  const value = ssm(name);
  if (value !== undefined) return value;
  if (name.startsWith(BOOTSTRAP_PREFIX)) return BOOTSTRAP_VERSION;
  if (name.startsWith(PUBLIC_PREFIX)) return type.includes("AWS::EC2::Image::Id") ? "ami-00000000000000000" : name;
  throw new CloudError(
    `Stack ${stack.name} needs the SSM parameter ${name}, which nothing sets. Give it with --parameter ${name}=value.`,
  );
}

function isStored(type: string): boolean {
  return type.startsWith("AWS::SSM::Parameter::Value<");
}

function isList(type: string): boolean {
  return type === "CommaDelimitedList" || type.includes("List<");
}

/** `a, b` as its parts. A parent stack may give a list as it is. */
function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(asText);
  return asText(value)
    .split(",")
    .map((part) => part.trim());
}
