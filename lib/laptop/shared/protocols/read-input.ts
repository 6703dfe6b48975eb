import { AwsError } from "../../shared/aws-error.ts";
import { isRecord } from "../json.ts";
import type { Shape, StructureShape } from "./shape.ts";

/**
 * The input of an action, as its shape says; members that it does not name are left out, as SQS does.
 *
 * @param value what the caller sent, parsed from JSON or from a form
 * @throws AwsError SerializationException for a value of another type, MissingParameter, InvalidParameterValue
 */
export function readInput(shape: StructureShape, value: unknown): Record<string, unknown> {
  return readStructure(shape, value, "");
}

function readStructure({ members, required }: StructureShape, value: unknown, path: string): Record<string, unknown> {
  if (!isRecord(value)) throw notA("structure", path);
  for (const name of required) if (absent(value[name])) throw missing(at(path, name));
  return Object.fromEntries(
    Object.entries(members)
      .filter(([name]) => Object.hasOwn(value, name) && !absent(value[name]))
      .map(([name, shape]) => [name, read(shape, value[name], at(path, name))]),
  );
}

function read(shape: Shape, value: unknown, path: string): unknown {
  if (absent(value)) throw missing(path);
  switch (shape.kind) {
    case "structure":
      return readStructure(shape, value, path);
    case "list":
      if (!Array.isArray(value)) throw notA("list", path);
      return value.map((element: unknown, index) => read(shape.of, element, at(path, String(index + 1))));
    case "map":
      if (!isRecord(value)) throw notA("map", path);
      // From entries, so that a member called __proto__ is one like any other.
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, read(shape.of, member, at(path, key))]));
    case "integer":
      if (typeof value !== "number" || !Number.isInteger(value)) throw notA("integer", path);
      if (value < shape.from || value > shape.to) throw invalid(value, path, `Must be between ${shape.from} and ${shape.to}.`);
      return value;
    case "boolean":
      if (typeof value !== "boolean") throw notA("boolean", path);
      return value;
    case "string":
      if (typeof value !== "string") throw notA("string", path);
      if (shape.pattern?.test(value) === false) throw invalid(value, path, `${shape.expected}.`);
      return value;
  }
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

function at(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function notA(kind: Shape["kind"], path: string): AwsError {
  return new AwsError("SerializationException", `${path === "" ? "The input" : path} is no ${kind}.`);
}

function missing(path: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${path}.`);
}

function invalid(value: string | number, path: string, reason: string): AwsError {
  return new AwsError("InvalidParameterValue", `Value ${value} for parameter ${path} is invalid. Reason: ${reason}`);
}
