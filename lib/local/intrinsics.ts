import { account } from "./account.ts";
import { CloudError } from "./errors.ts";
import { asText, isRecord } from "./json.ts";
import type { Section } from "./assembly.ts";
import type { Created } from "./resources/resource.ts";

/** What the expressions of one stack's template can refer to. */
export interface Scope {
  readonly stackName: string;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly mappings: Section;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Resources that exist already, by logical id. */
  readonly created: ReadonlyMap<string, Created>;
  /** Exported outputs of all stacks, by export name. */
  readonly exports: ReadonlyMap<string, unknown>;
  /** Outputs of all stacks, by `<stack>.<output>`. */
  readonly outputs: ReadonlyMap<string, unknown>;
  /** The value of an SSM parameter, for `{{resolve:ssm:...}}`. */
  readonly ssm: (name: string) => string | undefined;
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** The value of a template's expression, its intrinsic functions resolved; undefined for AWS::NoValue. @throws CloudError */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") return resolveDynamicReferences(value, scope);
  if (Array.isArray(value)) return value.map((item: unknown) => resolve(item, scope)).filter((item) => item !== undefined);
  if (!isRecord(value)) return value;
  const [only, ...others] = Object.entries(value);
  if (only !== undefined && others.length === 0) {
    const intrinsic = INTRINSICS[only[0]];
    if (intrinsic) return intrinsic(only[1], scope);
    if (only[0].startsWith("Fn::"))
      throw new CloudError(`Stack ${scope.stackName} uses ${only[0]}, which the laptop cloud does not know.`);
  }
  return resolveMembers(value, scope);
}

/** Whether a condition of the template holds. @throws CloudError where there is no such condition. */
export function holds(name: string, scope: Scope): boolean {
  if (!(name in scope.conditions)) throw new CloudError(`Stack ${scope.stackName} has no condition ${name}.`);
  return evaluate(scope.conditions[name], scope);
}

/** The logical ids that an expression refers to, in Ref, Fn::GetAtt and Fn::Sub. */
export function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, argument]) => {
    if (name === "Ref" && typeof argument === "string") return [argument];
    if (name === "Fn::GetAtt") return [attributePath(argument)[0]];
    if (name === "Fn::Sub") return [...subReferences(argument), ...referencesOf(argument)];
    return referencesOf(argument);
  });
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => ref(String(name), scope),
  "Fn::GetAtt": (argument, scope) => getAttribute(...attributePath(argument), scope),
  "Fn::Join": (argument, scope) => {
    const [separator, values] = list(argument);
    return list(resolve(values, scope)).map(asText).join(asText(separator));
  },
  "Fn::Sub": substitute,
  "Fn::Select": (argument, scope) => {
    const [index, values] = list(argument);
    return list(resolve(values, scope))[Number(resolve(index, scope))];
  },
  "Fn::Split": (argument, scope) => {
    const [separator, text] = list(argument);
    return asText(resolve(text, scope)).split(asText(separator));
  },
  "Fn::If": (argument, scope) => {
    const [condition, then, otherwise] = list(argument);
    return resolve(holds(String(condition), scope) ? then : otherwise, scope);
  },
  "Fn::FindInMap": (argument, scope) => {
    const [map = "", top = "", second = ""] = list(argument).map((part) => String(resolve(part, scope)));
    const row = scope.mappings[map]?.[top];
    if (isRecord(row) && second in row) return row[second];
    throw new CloudError(`Stack ${scope.stackName} has no entry ${top}.${second} in its mapping ${map}.`);
  },
  "Fn::ImportValue": (argument, scope) => {
    const name = String(resolve(argument, scope));
    return known(scope.exports.get(name), `Stack ${scope.stackName} imports ${name}, which no stack before it exports.`);
  },
  "Fn::GetStackOutput": (argument, scope) => {
    const { StackName: stack, OutputName: output } = isRecord(argument) ? argument : {};
    const name = `${String(resolve(stack, scope))}.${String(output)}`;
    return known(scope.outputs.get(name), `Stack ${scope.stackName} reads the output ${name}, which no stack before it has.`);
  },
  "Fn::Base64": (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString("base64"),
  "Fn::GetAZs": () => ["a", "b", "c"].map((zone) => `${account.region}${zone}`),
  ...Object.fromEntries(["Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"].map((name) => [name, conditional(name)])),
};

function conditional(name: string): Intrinsic {
  return (argument, scope) => evaluate({ [name]: argument }, scope);
}

function evaluate(condition: unknown, scope: Scope): boolean {
  const [name, argument] = isRecord(condition) ? (Object.entries(condition)[0] ?? []) : [];
  const parts = list(argument);
  switch (name) {
    case "Condition":
      return holds(String(argument), scope);
    case "Fn::Equals":
      return JSON.stringify(resolve(parts[0], scope)) === JSON.stringify(resolve(parts[1], scope));
    case "Fn::And":
      return parts.every((part) => evaluate(part, scope));
    case "Fn::Or":
      return parts.some((part) => evaluate(part, scope));
    case "Fn::Not":
      return !evaluate(parts[0], scope);
    default:
      throw new CloudError(
        `Stack ${scope.stackName} has a condition that the laptop cloud does not know: ${JSON.stringify(condition)}.`,
      );
  }
}

function resolveMembers(value: Record<string, unknown>, scope: Scope): Record<string, unknown> {
  const resolved = Object.entries(value).map(([name, member]): [string, unknown] => [name, resolve(member, scope)]);
  return Object.fromEntries(resolved.filter(([, member]) => member !== undefined));
}

function ref(name: string, scope: Scope): unknown {
  if (name in PSEUDO_PARAMETERS) return PSEUDO_PARAMETERS[name];
  if (name === "AWS::StackName") return scope.stackName;
  if (name === "AWS::StackId") return `arn:aws:cloudformation:${account.region}:${account.id}:stack/${scope.stackName}/local`;
  if (scope.parameters.has(name)) return scope.parameters.get(name);
  return known(scope.created.get(name), `Stack ${scope.stackName} refers to ${name}, which it does not have.`).ref;
}

const PSEUDO_PARAMETERS: Readonly<Record<string, unknown>> = {
  "AWS::AccountId": account.id,
  "AWS::Region": account.region,
  "AWS::Partition": account.partition,
  "AWS::URLSuffix": account.urlSuffix,
  "AWS::NotificationARNs": [],
  "AWS::NoValue": undefined,
};

/** `["Queue", "Arn"]` or `"Queue.Arn"`. */
function attributePath(argument: unknown): [logicalId: string, attribute: string] {
  const path = typeof argument === "string" ? argument : list(argument).map(String).join(".");
  const dot = path.indexOf(".");
  return [path.slice(0, dot), path.slice(dot + 1)];
}

function getAttribute(logicalId: string, attribute: string, scope: Scope): unknown {
  const resource = known(
    scope.created.get(logicalId),
    `Stack ${scope.stackName} refers to ${logicalId}, which it does not have.`,
  );
  return known(resource.attribute(attribute), `${logicalId} in stack ${scope.stackName} has no attribute ${attribute} here.`);
}

const SUB_VARIABLE = /\$\{([^!}][^}]*)\}/g;

/** `"text ${Name}"`, or `["text ${Name}", { Name: value }]`; `${!Name}` stands for `${Name}` itself. */
function substitute(argument: unknown, scope: Scope): string {
  const [template, variables] = Array.isArray(argument) ? list(argument) : [argument];
  const own = isRecord(variables) ? variables : {};
  const value = (name: string) => {
    if (name in own) return resolve(own[name], scope);
    return name.includes(".") ? getAttribute(...attributePath(name), scope) : ref(name, scope);
  };
  return resolveDynamicReferences(String(template), scope)
    .replaceAll(SUB_VARIABLE, (_, name: string) => asText(value(name.trim())))
    .replaceAll("${!", "${");
}

function subReferences(argument: unknown): string[] {
  const template = String(Array.isArray(argument) ? argument[0] : argument);
  return [...template.matchAll(SUB_VARIABLE)].map(([, name = ""]) => name.trim().split(".")[0] ?? "");
}

function resolveDynamicReferences(text: string, scope: Scope): string {
  if (!text.includes("{{resolve:ssm:")) return text;
  return text.replaceAll(/\{\{resolve:ssm:([^}:]+)(?::\d+)?\}\}/g, (_, name: string) =>
    known(scope.ssm(name), `Stack ${scope.stackName} needs the SSM parameter ${name}. Give it with --parameter ${name}=value.`),
  );
}

function known<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new CloudError(otherwise);
  return value;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
