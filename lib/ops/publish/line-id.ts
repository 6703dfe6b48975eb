import { basename } from "node:path";
import { nameBasedId } from "../../runtime/inbox/identity.ts";
import type { Line } from "../read-lines.ts";

/**
 * The id of the event on a line of a file: the same whenever the same line of the file is published again, so that services
 * drop the copy.
 *
 * @param type of the event: the same lines as another event are other events
 * @param path the file; only its name counts
 */
export function lineId(type: string, path: string, { number, text = "" }: Line): string {
  return nameBasedId([type, basename(path), number, text]);
}
