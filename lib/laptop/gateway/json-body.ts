import { parseObject } from "./http.ts";

/** The body as a JSON object; empty where it is none, which its service then refuses by itself. */
export function readJson(body: Buffer): Record<string, unknown> {
  try {
    return parseObject(body);
  } catch {
    return {};
  }
}

/** A member's text; undefined where it is something else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
