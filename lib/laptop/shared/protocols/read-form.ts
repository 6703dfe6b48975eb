import { AwsError } from "../../shared/aws-error.ts";
import type { Shape, StructureShape } from "./shape.ts";

/** The parameters of a call of the Query protocol, by their dotted names. */
export type Form = ReadonlyMap<string, string>;

/** The input of an action out of a form, in the form that it has in the JSON protocol. @throws AwsError InvalidParameterValue */
export function readForm(shape: StructureShape, form: Form): Record<string, unknown> {
  return readMembers(shape, form, "") ?? {};
}

/** The members that a form has under a prefix; undefined where it has none. */
function readMembers({ members }: StructureShape, form: Form, prefix: string): Record<string, unknown> | undefined {
  const found = Object.entries(members).flatMap(([name, shape]) => {
    const value = read(shape, form, `${prefix}${"name" in shape ? shape.name : name}`);
    return value === undefined ? [] : [[name, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function read(shape: Shape, form: Form, name: string): unknown {
  switch (shape.kind) {
    case "structure":
      return readMembers(shape, form, `${name}.`);
    case "list":
      return readList(shape.of, form, name);
    case "map":
      return readMap(shape, form, name);
    case "integer":
      return readInteger(form.get(name), name);
    case "boolean":
    case "string":
      return form.get(name);
  }
}

/** `Name.1`, `Name.2` and so on, up to the first number that is not there; one element alone may lack its number. */
function readList(of: Shape, form: Form, name: string): unknown[] | undefined {
  const elements: unknown[] = [];
  for (;;) {
    const element = read(of, form, `${name}.${elements.length + 1}`);
    if (element === undefined) break;
    elements.push(element);
  }
  if (elements.length > 0) return elements;
  const alone = read(of, form, name);
  return alone === undefined || alone === "" ? undefined : [alone];
}

function readMap({ key, value, of }: Extract<Shape, { kind: "map" }>, form: Form, name: string): object | undefined {
  const entries: [string, unknown][] = [];
  for (;;) {
    const prefix = `${name}.${entries.length + 1}`;
    const entryKey = form.get(`${prefix}.${key}`);
    if (entryKey === undefined) break;
    entries.push([entryKey, read(of, form, `${prefix}.${value}`)]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function readInteger(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new AwsError("InvalidParameterValue", `Value ${text} for parameter ${name} is invalid. Reason: Must be an integer.`);
}
