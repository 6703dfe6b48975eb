import type { WireRequest } from "../call.ts";
import type { InputFaults } from "./read-input.ts";
import type { ListShape, MapShape, Shape, StructureShape } from "./shape.ts";

/** The parameters of a call of the Query protocol, by their dotted names. */
export type Form = Map<string, string>;

/** The parameters of a request: those of its body, and those of its URL, where calls that are signed in the URL have them. */
export function formOf({ query, body }: WireRequest): Form {
  return new Map([...new URLSearchParams(query), ...new URLSearchParams(body.toString())]);
}

/** The input of an action out of a form, as the JSON protocol has it; what it must be is checked by `readInput`. */
export function readForm(shape: StructureShape, form: Form, faults: InputFaults): Record<string, unknown> {
  return new FormReader(form, faults).members(shape, "") ?? {};
}

class FormReader {
  readonly #form: Form;
  readonly #faults: InputFaults;

  constructor(form: Form, faults: InputFaults) {
    this.#form = form;
    this.#faults = faults;
  }

  /** The members that the form has under a prefix; undefined where it has none. */
  members({ members }: StructureShape, prefix: string): Record<string, unknown> | undefined {
    const found = Object.entries(members).flatMap(([name, shape]) => {
      const value = this.#read(shape, `${prefix}${nameInForm(name, shape)}`);
      // A flattened list or map without elements is sent by the name that it has in JSON.
      const isEmpty = value === undefined && nameInForm(name, shape) !== name && this.#form.get(`${prefix}${name}`) === "";
      if (isEmpty) return [[name, shape.kind === "list" ? [] : {}] as const];
      return value === undefined ? [] : [[name, value] as const];
    });
    return found.length === 0 ? undefined : Object.fromEntries(found);
  }

  #read(shape: Shape, name: string): unknown {
    switch (shape.kind) {
      case "structure":
        return this.members(shape, `${name}.`);
      case "list":
        return this.#list(shape, name);
      case "map":
        return this.#map(shape, name);
      case "integer":
        return this.#integer(name);
      case "boolean":
        return this.#boolean(name);
      case "string":
        return this.#form.get(name);
    }
  }

  /** Elements 1, 2 and so on, up to the first number that is not there; one element alone may lack its number. */
  #list({ of, element, flat }: ListShape, name: string): unknown[] | undefined {
    const prefix = flat ? name : `${name}.${element}`;
    const elements: unknown[] = [];
    for (;;) {
      const value = this.#read(of, `${prefix}.${elements.length + 1}`);
      if (value === undefined) break;
      elements.push(value);
    }
    if (elements.length > 0) return elements;
    if (this.#form.get(name) === "") return [];
    const alone = flat ? this.#read(of, name) : undefined;
    return alone === undefined ? undefined : [alone];
  }

  #map({ of, entry, key, value, flat }: MapShape, name: string): object | undefined {
    const prefix = flat ? name : `${name}.${entry}`;
    const entries: [string, unknown][] = [];
    for (;;) {
      const numbered = `${prefix}.${entries.length + 1}`;
      const entryKey = this.#form.get(`${numbered}.${key}`);
      if (entryKey === undefined) break;
      entries.push([entryKey, this.#read(of, `${numbered}.${value}`)]);
    }
    if (entries.length > 0) return Object.fromEntries(entries);
    return this.#form.get(name) === "" ? {} : undefined;
  }

  #integer(name: string): number | undefined {
    const text = this.#form.get(name);
    if (text === undefined) return undefined;
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    throw this.#faults.invalid(name, text, "Must be an integer.");
  }

  #boolean(name: string): boolean | undefined {
    const text = this.#form.get(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text === "true" || text === "false") return text === "true";
    throw this.#faults.invalid(name, text, "Must be true or false.");
  }
}

function nameInForm(name: string, shape: Shape): string {
  if (shape.kind === "list" && shape.flat) return shape.element;
  return shape.kind === "map" && shape.flat ? shape.entry : name;
}
