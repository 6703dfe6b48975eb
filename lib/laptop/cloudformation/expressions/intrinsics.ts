import { account } from "../../shared/account.ts";
import { cidrBlocks } from "./cidr.ts";
import { CloudError } from "../../shared/errors.ts";
import { asText, isRecord } from "../../shared/json.ts";
import { attributePath, SUB_VARIABLE } from "./references.ts";
import { getAttribute, known, ref, resolveDynamicReferences, type Scope } from "./scope.ts";
import { LimitedText } from "./text-limit.ts";

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** The value of a template's expression, its intrinsic functions resolved; undefined for AWS::NoValue. @throws CloudError */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") return resolveDynamicReferences(value, scope);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => scope.place.within(index, () => resolve(item, scope)));
    return items.filter((item) => item !== undefined);
  }
  if (!isRecord(value)) return value;
  const [only, ...others] = Object.entries(value);
  if (only !== undefined && others.length === 0) {
    const intrinsic = Object.hasOwn(INTRINSICS, only[0]) ? INTRINSICS[only[0]] : undefined;
    if (intrinsic) return scope.place.within(only[0], () => intrinsic(only[1], scope));
    if (only[0].startsWith("Fn::"))
      throw new CloudError(`Stack ${scope.stackName} uses ${only[0]}, which the laptop cloud does not know.`);
  }
  return resolveMembers(value, scope);
}

/** Whether a condition of the template holds. @throws CloudError where there is no such condition. */
export function holds(name: string, scope: Scope): boolean {
  return scope.conditions.holds(name, (definition) => evaluate(definition, scope));
}

/** Whether a condition's expression holds. @throws CloudError for an expression that is none. */
export function evaluate(condition: unknown, scope: Scope): boolean {
  const [name, argument] = isRecord(condition) ? (Object.entries(condition)[0] ?? []) : [];
  const parts = list(argument);
  // Values that a template writes as numbers or as text are equal where they read the same.
  const text = (part: unknown) => asText(resolve(part, scope));
  const texts = (part: unknown) => list(resolve(part, scope)).map(asText);
  switch (name) {
    case "Condition":
      return holds(String(argument), scope);
    case "Fn::Equals":
      return text(parts[0]) === text(parts[1]);
    case "Fn::And":
      return parts.every((part) => evaluate(part, scope));
    case "Fn::Or":
      return parts.some((part) => evaluate(part, scope));
    case "Fn::Not":
      return !evaluate(parts[0], scope);
    // The three that only rules may use.
    case "Fn::Contains":
      return texts(parts[0]).includes(text(parts[1]));
    case "Fn::EachMemberEquals":
      return texts(parts[0]).every((member) => member === text(parts[1]));
    case "Fn::EachMemberIn":
      return texts(parts[0]).every((member) => texts(parts[1]).includes(member));
    default:
      throw new CloudError(
        `Stack ${scope.stackName} has a condition that the laptop cloud does not know: ${JSON.stringify(condition)}.`,
      );
  }
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => ref(String(name), scope),
  "Fn::GetAtt": (argument, scope) => {
    const path: unknown = Array.isArray(argument) ? resolve(argument, scope) : argument;
    return getAttribute(...attributePath(path), scope);
  },
  "Fn::Join": (argument, scope) => {
    const [separator, values] = list(argument);
    const text = new LimitedText(scope.stackName);
    for (const [index, value] of list(resolve(values, scope)).entries())
      text.add(`${index === 0 ? "" : asText(separator)}${asText(value)}`);
    return text.toString();
  },
  "Fn::Sub": substitute,
  "Fn::Select": select,
  "Fn::Split": (argument, scope) => {
    const [separator, text] = list(argument);
    return asText(resolve(text, scope)).split(asText(separator));
  },
  "Fn::If": (argument, scope) => {
    const [condition, then, otherwise] = list(argument);
    return resolve(holds(String(condition), scope) ? then : otherwise, scope);
  },
  "Fn::FindInMap": findInMap,
  "Fn::ImportValue": (argument, scope) => {
    const name = String(resolve(argument, scope));
    return known(
      scope.exports.get(name),
      `Stack ${scope.stackName} imports ${name}, which no stack before it exports. Give it with --parameter ${name}=value.`,
    );
  },
  "Fn::GetStackOutput": (argument, scope) => {
    const { StackName: stack, OutputName: output } = isRecord(argument) ? argument : {};
    const name = `${String(resolve(stack, scope))}.${String(output)}`;
    return known(scope.outputs.get(name), `Stack ${scope.stackName} reads the output ${name}, which no stack before it has.`);
  },
  "Fn::Base64": (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString("base64"),
  "Fn::GetAZs": () => ["a", "b", "c"].map((zone) => `${account.region}${zone}`),
  "Fn::Cidr": (argument, scope) => {
    const [block, count, bits = 8] = list(resolve(argument, scope));
    return cidrBlocks(asText(block), Number(count), Number(bits), scope.stackName);
  },
  "Fn::Length": (argument, scope) => list(resolve(argument, scope)).length,
  "Fn::ToJsonString": (argument, scope) => {
    const text = new LimitedText(scope.stackName);
    text.add(JSON.stringify(resolve(argument, scope)));
    return text.toString();
  },
  ...Object.fromEntries(["Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"].map((name) => [name, conditional(name)])),
};

function conditional(name: string): Intrinsic {
  return (argument, scope) => evaluate({ [name]: argument }, scope);
}

function select(argument: unknown, scope: Scope): unknown {
  const [index, values] = list(argument);
  const at = Number(resolve(index, scope));
  const chosen = list(resolve(values, scope));
  return known(
    chosen[at],
    `Stack ${scope.stackName} selects item ${at} of ${chosen.length}: expected 0 to ${chosen.length - 1}.`,
  );
}

/** `[map, key, second key]`, and with AWS::LanguageExtensions a default as the fourth. */
function findInMap(argument: unknown, scope: Scope): unknown {
  const [, , , otherwise] = list(argument);
  const [map = "", top = "", second = ""] = list(argument)
    .slice(0, 3)
    .map((part) => String(resolve(part, scope)));
  const rows = Object.hasOwn(scope.mappings, map) ? scope.mappings[map] : undefined;
  const row = rows && Object.hasOwn(rows, top) ? rows[top] : undefined;
  if (isRecord(row) && Object.hasOwn(row, second)) return row[second];
  if (isRecord(otherwise) && Object.hasOwn(otherwise, "DefaultValue")) return resolve(otherwise["DefaultValue"], scope);
  throw new CloudError(`Stack ${scope.stackName} has no entry ${top}.${second} in its mapping ${map}.`);
}

function resolveMembers(value: Record<string, unknown>, scope: Scope): Record<string, unknown> {
  const resolved = Object.entries(value).map(([name, member]): [string, unknown] => [
    name,
    scope.place.within(name, () => resolve(member, scope)),
  ]);
  return Object.fromEntries(resolved.filter(([, member]) => member !== undefined));
}

/** `"text ${Name}"`, or `["text ${Name}", { Name: value }]`. */
function substitute(argument: unknown, scope: Scope): string {
  const [template, variables] = Array.isArray(argument) ? list(argument) : [argument];
  const own = isRecord(variables) ? variables : {};
  const value = (name: string) => {
    if (Object.hasOwn(own, name)) return resolve(own[name], scope);
    return name.includes(".") ? getAttribute(...attributePath(name), scope) : ref(name, scope);
  };
  // Each once: expressions within each other would be resolved again for each place where each of them stands.
  const values = new Map<string, string>();
  const source = resolveDynamicReferences(String(template), scope);
  const text = new LimitedText(scope.stackName);
  let end = 0;
  for (const { 0: found, 1: written = "", index } of source.matchAll(SUB_VARIABLE)) {
    const name = written.trim();
    const inPlace = values.get(name) ?? asText(value(name));
    values.set(name, inPlace);
    text.add(source.slice(end, index));
    text.add(inPlace);
    end = index + found.length;
  }
  text.add(source.slice(end));
  return text.toString().replaceAll("${!", "${");
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
