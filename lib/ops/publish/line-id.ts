import { hash } from "node:crypto";
import { basename } from "node:path";
import type { Line } from "../read-lines.ts";

/**
 * The id of the event on a line of a file: the same whenever the same line of the file is published again, so that services
 * drop the copy. A UUID of version 8, RFC 9562.
 *
 * @param type of the event: the same lines as another event are other events
 * @param path the file; only its name counts
 */
export function lineId(type: string, path: string, { number, text = "" }: Line): string {
  const hex = hash("sha256", JSON.stringify([type, basename(path), number, text]), "hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
