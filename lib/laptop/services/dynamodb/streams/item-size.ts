import { isRecord } from "../../../shared/json.ts";

/** Bytes of an item or a key: its names and values. Developer guide, "DynamoDB item sizes and formats" */
export function itemSize(item: unknown): number {
  if (!isRecord(item)) return 0;
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

const CONTAINER_BYTES = 3;

function valueSize(value: unknown): number {
  const [entry] = isRecord(value) ? Object.entries(value) : [];
  if (entry === undefined) return 0;
  const [type, content] = entry;
  const elements: unknown[] = Array.isArray(content) ? content : [];
  switch (type) {
    case "S":
    case "N":
    case "B":
      return scalarSize(type, content);
    case "SS":
    case "NS":
    case "BS":
      return elements.reduce((sum: number, element) => sum + scalarSize(type, element), 0);
    case "L":
      return elements.reduce((sum: number, element) => sum + 1 + valueSize(element), CONTAINER_BYTES);
    case "M":
      return CONTAINER_BYTES + itemSize(content) + (isRecord(content) ? Object.keys(content).length : 0);
    default:
      return 1;
  }
}

function scalarSize(type: string, content: unknown): number {
  const text = String(content);
  if (type.startsWith("S")) return Buffer.byteLength(text);
  if (type.startsWith("B")) return Buffer.byteLength(text, "base64");
  const digits = (text.split(/e/i, 1)[0] ?? "").replaceAll(/\D/g, "");
  let [first, end] = [0, digits.length];
  while (digits.charAt(first) === "0") first++;
  while (end > first && digits.charAt(end - 1) === "0") end--;
  return Math.ceil((end - first) / 2) + 1;
}
