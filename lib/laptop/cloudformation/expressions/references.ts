import { isRecord } from "../../shared/json.ts";

/** The variables of Fn::Sub; `${!Name}` stands for the text `${Name}`. */
export const SUB_VARIABLE = /\$\{([^!{}][^{}]*)\}/g;

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

/** `["Queue", "Arn"]` or `"Queue.Arn"`, the argument of Fn::GetAtt. */
export function attributePath(argument: unknown): [logicalId: string, attribute: string] {
  const path = Array.isArray(argument) ? argument.map(String).join(".") : String(argument);
  const dot = path.indexOf(".");
  return [path.slice(0, dot), path.slice(dot + 1)];
}

function subReferences(argument: unknown): string[] {
  const template = String(Array.isArray(argument) ? argument[0] : argument);
  return [...template.matchAll(SUB_VARIABLE)].map(([, name = ""]) => name.trim().split(".")[0] ?? "");
}
