/** What XML 1.0 cannot hold, not even escaped: control characters, halves of surrogate pairs, and two that are no characters. */
const UNSPEAKABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // As it is, a parser would read it as a line feed.
  "\r": "&#xD;",
};

/** A text as content of an XML element or attribute; a character that XML cannot hold becomes U+FFFD. */
export function xmlText(text: string): string {
  return text.replace(UNSPEAKABLE, "\u{fffd}").replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}
