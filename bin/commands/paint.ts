import { styleText } from "node:util";

/** Colours a text for a person's eye. */
export type Paint = (style: "red" | "green" | "yellow" | "dim" | "bold" | "cyan", text: string) => string;

/** Colours for a terminal; none for a file or a pipe, or where NO_COLOR says so (https://no-color.org). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

/** A text from outside with nothing in it that would move a terminal's cursor or colours. */
export function harmless(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}
