import { asText, isRecord } from "../../shared/json.ts";
import { xmlText } from "../../shared/xml.ts";
import type { Shape, StructureShape } from "./shape.ts";

/** The members of a structure as XML elements; those that are undefined are left out. */
export function writeMembers({ members }: StructureShape, value: unknown): string {
  if (!isRecord(value)) return "";
  return Object.entries(members)
    .map(([name, shape]) => (value[name] === undefined ? "" : write(name, shape, value[name])))
    .join("");
}

export function element(name: string, content: string): string {
  return content === "" ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

function write(name: string, shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case "structure":
      return element(name, writeMembers(shape, value));
    case "list": {
      const elements = (Array.isArray(value) ? value : [])
        .map((each: unknown) => write(shape.element, shape.of, each))
        .join("");
      return shape.flat ? elements : element(name, elements);
    }
    case "map": {
      const entries = Object.entries(isRecord(value) ? value : {})
        .map(([key, each]) => element(shape.entry, element(shape.key, xmlText(key)) + write(shape.value, shape.of, each)))
        .join("");
      return shape.flat ? entries : element(name, entries);
    }
    case "boolean":
    case "integer":
    case "string":
      return element(name, xmlText(asText(value)));
  }
}
