/**
 * What a member of an SQS call looks like in both of its protocols. In the JSON protocol a shape is what its kind says; the Query
 * protocol spells lists and maps out as numbered parameters under `name` (`Tag.1.Key`) and as repeated elements of that name.
 */
export type Shape =
  | { readonly kind: "string"; readonly pattern?: RegExp; readonly expected?: string }
  | { readonly kind: "integer"; readonly from: number; readonly to: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "list"; readonly name: string; readonly of: Shape }
  | { readonly kind: "map"; readonly name: string; readonly key: string; readonly value: string; readonly of: Shape }
  | StructureShape;

/** An object: its members by name, and those that may not be absent. */
export interface StructureShape {
  readonly kind: "structure";
  readonly members: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
}

/** A text; bytes are one too, in base64. `expected` says in words what matches `pattern`. */
export function string(pattern?: RegExp, expected?: string): Shape {
  return { kind: "string", ...(pattern && { pattern }), ...(expected !== undefined && { expected }) };
}

export function integer(from: number, to: number): Shape {
  return { kind: "integer", from, to };
}

export const boolean: Shape = { kind: "boolean" };

export function list(name: string, of: Shape): Shape {
  return { kind: "list", name, of };
}

export function map(name: string, key: string, value: string, of: Shape): Shape {
  return { kind: "map", name, key, value, of };
}

/** A structure; a member whose name ends in `!` may not be absent. */
export function structure(members: Readonly<Record<string, Shape>>): StructureShape {
  const plain = (name: string) => name.replace(/!$/, "");
  return {
    kind: "structure",
    members: Object.fromEntries(Object.entries(members).map(([name, shape]) => [plain(name), shape])),
    required: Object.keys(members)
      .filter((name) => name.endsWith("!"))
      .map(plain),
  };
}
