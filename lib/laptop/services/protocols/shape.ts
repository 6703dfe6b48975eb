/**
 * What a value of an AWS API looks like. In the JSON protocol it is what its kind says. The Query protocol spells lists and maps out as
 * numbered parameters, and writes them as repeated XML elements: an API either flattens them (`Attribute.1.Name`: SQS) or does not
 * (`Attributes.entry.1.key`, `TagKeys.member.1`: SNS).
 */
export type Shape =
  | { readonly kind: "string"; readonly pattern?: RegExp; readonly expected?: string }
  | { readonly kind: "integer"; readonly from: number; readonly to: number; readonly expected?: string }
  | { readonly kind: "boolean" }
  | ListShape
  | MapShape
  | StructureShape;

export interface ListShape {
  readonly kind: "list";
  readonly of: Shape;
  /** What each element is called; a flattened list goes by this name alone. */
  readonly element: string;
  readonly flat: boolean;
  /** What the JSON answers of the Query protocol call it. @default - its name */
  readonly queryJsonName?: string;
}

export interface MapShape {
  readonly kind: "map";
  readonly of: Shape;
  /** What each entry is called; a flattened map goes by this name alone. */
  readonly entry: string;
  readonly key: string;
  readonly value: string;
  readonly flat: boolean;
}

/** An object: its members by name, and those that may not be absent. */
export interface StructureShape {
  readonly kind: "structure";
  readonly members: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
}

/** What goes into an action of an API and what comes out. An action without an output answers with its request id alone. */
export interface Action {
  readonly input: StructureShape;
  readonly output?: StructureShape;
}

/** Text; bytes are too, in base64. `expected` says in words what matches `pattern`. */
export function string(pattern?: RegExp, expected?: string): Shape {
  return { kind: "string", ...(pattern && { pattern }), ...(expected !== undefined && { expected }) };
}

/** A whole number; `expected` says its range in the service's words. @default - any */
export function integer(from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER, expected?: string): Shape {
  return { kind: "integer", from, to, ...(expected !== undefined && { expected }) };
}

export const boolean: Shape = { kind: "boolean" };

/** `TagKeys.member.1`, `<TagKeys><member>`. */
export function list(of: Shape, element = "member"): ListShape {
  return { kind: "list", of, element, flat: false };
}

/** `TagKey.1`, `<TagKey>`: goes by the name of its elements. */
export function flatList(element: string, of: Shape, queryJsonName?: string): ListShape {
  return { kind: "list", of, element, flat: true, ...(queryJsonName !== undefined && { queryJsonName }) };
}

/** `Attributes.entry.1.key`, `<Attributes><entry><key>`. */
export function map(of: Shape, key = "key", value = "value"): MapShape {
  return { kind: "map", of, entry: "entry", key, value, flat: false };
}

/** `Attribute.1.Name`, `<Attribute><Name>`: goes by the name of its entries. */
export function flatMap(entry: string, key: string, value: string, of: Shape): MapShape {
  return { kind: "map", of, entry, key, value, flat: true };
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
