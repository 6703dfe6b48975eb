import { randomUUID } from "node:crypto";
import { asText, isRecord } from "../json.ts";
import { xmlText } from "../xml.ts";
import type { Shape, StructureShape } from "./shape.ts";

const NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/";

/** The answer of an action in the Query protocol. `shape` is absent where the action has no output. */
export function writeAnswer(action: string, shape: StructureShape | undefined, output: unknown): string {
  const result = shape === undefined ? "" : element(`${action}Result`, writeMembers(shape, output));
  const metadata = element("ResponseMetadata", element("RequestId", randomUUID()));
  return `<?xml version="1.0"?><${action}Response xmlns="${NAMESPACE}">${result}${metadata}</${action}Response>`;
}

/** The refusal of a call in the Query protocol. `sender`: the caller is at fault, and not the service. */
export function writeRefusal(code: string, message: string, sender: boolean): string {
  const error = [
    element("Type", sender ? "Sender" : "Receiver"),
    element("Code", xmlText(code)),
    element("Message", xmlText(message)),
    "<Detail/>",
  ];
  const id = element("RequestId", randomUUID());
  return `<?xml version="1.0"?><ErrorResponse xmlns="${NAMESPACE}">${element("Error", error.join(""))}${id}</ErrorResponse>`;
}

function writeMembers({ members }: StructureShape, value: unknown): string {
  if (!isRecord(value)) return "";
  return Object.entries(members)
    .map(([name, shape]) => (value[name] === undefined ? "" : write(name, shape, value[name])))
    .join("");
}

function write(name: string, shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case "structure":
      return element(name, writeMembers(shape, value));
    case "list":
      return (Array.isArray(value) ? value : []).map((each: unknown) => write(shape.name, shape.of, each)).join("");
    case "map":
      return Object.entries(isRecord(value) ? value : {})
        .map(([key, each]) => element(shape.name, element(shape.key, xmlText(key)) + write(shape.value, shape.of, each)))
        .join("");
    case "boolean":
    case "integer":
    case "string":
      return element(name, xmlText(asText(value)));
  }
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
