/** Up to this length `indexOf` is fast whatever the text; beyond it, a text made for it takes the product of both lengths. */
const SHORT = 32;

/** The place of a part in a text, at or after an offset; -1 where it is not there. */
export type TextSearch = (text: string, from: number) => number;

/** Prepares the search for a part: its time grows with the text alone (Knuth, Morris and Pratt). */
export function searchFor(part: string): TextSearch {
  if (part.length <= SHORT) return (text, from) => text.indexOf(part, from);
  const borders = bordersOf(part);
  return (text, from) => {
    let matched = 0;
    for (let index = from; index < text.length; index++) {
      const code = text.charCodeAt(index);
      while (matched > 0 && part.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
      if (part.charCodeAt(matched) === code) matched++;
      if (matched === part.length) return index - part.length + 1;
    }
    return -1;
  };
}

/** For each beginning of a part, the length of its longest end that is a beginning too. */
function bordersOf(part: string): number[] {
  const borders = [0];
  for (let index = 1, length = 0; index < part.length; index++) {
    const code = part.charCodeAt(index);
    while (length > 0 && part.charCodeAt(length) !== code) length = borders[length - 1] ?? 0;
    if (part.charCodeAt(length) === code) length++;
    borders.push(length);
  }
  return borders;
}
