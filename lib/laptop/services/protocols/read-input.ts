import { AwsError } from "../../shared/aws-error.ts";
import { isRecord } from "../../shared/json.ts";
import type { Shape, StructureShape } from "./shape.ts";

/** How a service refuses an input that does not have its shape. A path is dotted: `Entries.1.Id`. */
export interface InputFaults {
  missing(path: string): AwsError;
  invalid(path: string, value: string | number, reason: string): AwsError;
}

/** As most services of the Query protocol put it (SQS API reference, "Common errors"). */
export const commonFaults: InputFaults = {
  missing: (path) => new AwsError("MissingParameter", `The request must contain the parameter ${path}.`),
  invalid: (path, value, reason) =>
    new AwsError("InvalidParameterValue", `Value ${value} for parameter ${path} is invalid. Reason: ${reason}`),
};

/**
 * The input of an action, as its shape says; members that the shape does not name are left out, as AWS does.
 *
 * @param value what the caller sent, parsed from JSON or from a form
 * @throws AwsError SerializationException for a value of another type, or one of the faults
 */
export function readInput(shape: StructureShape, value: unknown, faults: InputFaults): Record<string, unknown> {
  return new InputReader(faults).structure(shape, value, "");
}

class InputReader {
  readonly #faults: InputFaults;

  constructor(faults: InputFaults) {
    this.#faults = faults;
  }

  structure({ members, required }: StructureShape, value: unknown, path: string): Record<string, unknown> {
    if (!isRecord(value)) throw notA("structure", path);
    for (const name of required) if (absent(value, name)) throw this.#faults.missing(at(path, name));
    const read: Record<string, unknown> = {};
    for (const name in members) {
      const shape = members[name];
      if (shape !== undefined && !absent(value, name)) read[name] = this.#read(shape, value[name], path, name);
    }
    return read;
  }

  #read(shape: Shape, value: unknown, parent: string, name: string): unknown {
    switch (shape.kind) {
      case "structure":
        return this.structure(shape, value, at(parent, name));
      case "list":
        if (!Array.isArray(value)) throw notA("list", at(parent, name));
        return value.map((element: unknown, index) =>
          // AWS names the elements of a flattened list as the Query protocol does, whichever protocol is spoken.
          this.#element(shape.of, element, at(parent, shape.flat ? shape.element : name), String(index + 1)),
        );
      case "map":
        if (!isRecord(value)) throw notA("map", at(parent, name));
        // From entries, so that a member called __proto__ is one like any other.
        return Object.fromEntries(
          Object.entries(value).map(([key, member]) => [key, this.#element(shape.of, member, at(parent, name), key)]),
        );
      case "integer":
        return this.#integer(shape, value, at(parent, name));
      case "boolean":
        if (typeof value !== "boolean") throw notA("boolean", at(parent, name));
        return value;
      case "string":
        if (typeof value !== "string") throw notA("string", at(parent, name));
        if (shape.pattern?.test(value) === false) throw this.#faults.invalid(at(parent, name), value, `${shape.expected}.`);
        return value;
    }
  }

  #element(shape: Shape, value: unknown, parent: string, name: string): unknown {
    if (value === undefined || value === null) throw this.#faults.missing(at(parent, name));
    return this.#read(shape, value, parent, name);
  }

  #integer(
    { from, to, expected = `Must be between ${from} and ${to}` }: Extract<Shape, { kind: "integer" }>,
    value: unknown,
    path: string,
  ): number {
    if (typeof value !== "number" || !Number.isInteger(value)) throw notA("integer", path);
    if (value < from || value > to) throw this.#faults.invalid(path, value, `${expected}.`);
    return value;
  }
}

function absent(value: Readonly<Record<string, unknown>>, name: string): boolean {
  return !Object.hasOwn(value, name) || value[name] === undefined || value[name] === null;
}

function at(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function notA(kind: Shape["kind"], path: string): AwsError {
  const article = kind === "integer" ? "an" : "a";
  return new AwsError("SerializationException", `${path === "" ? "The input" : path} must be ${article} ${kind}.`);
}
