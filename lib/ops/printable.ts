/**
 * What can steer a terminal or mislead the eye: control characters (C1 too, which some terminals obey), format characters
 * (bidirectional overrides, zero width, tags), line and paragraph separators, halves of surrogate pairs, and letters that are blank.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115F\u1160\u2800\u3164\uFFA0]|\u034F|\u17B4|\u17B5/gu;

/** Text from outside, such as an event's or an error's, for one line of a terminal: line breaks become spaces, the rest is escaped. */
export function printable(text: string): string {
  return text.replaceAll(/[\t\n\r]+/g, " ").replaceAll(UNPRINTABLE, escaped);
}

/** A value as JSON for a terminal: the same value when parsed, but with everything escaped that {@link printable} escapes. */
export function printableJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent);
  return json.replaceAll(UNPRINTABLE, (character) => (character === "\n" ? character : escaped(character)));
}

/** As JSON writes it: `\u001b`, and two of them for a character beyond U+FFFF. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => unit(character, index)).join("");
}

function unit(character: string, index: number): string {
  return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
}
