import { styleText } from "node:util";

/** Colours a text. */
export type Paint = (style: "red" | "green" | "yellow" | "dim" | "bold" | "cyan", text: string) => string;

/** Colours for a terminal; none for a file or a pipe, or if NO_COLOR is set (https://no-color.org). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}
