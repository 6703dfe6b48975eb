import { searchFor } from "../text-search.ts";
import { InvalidPattern } from "./invalid-pattern.ts";

/** How many wildcards may be followed by the same text before AWS finds a rule too complex; the figure is not published. */
const SAME_CONTINUATIONS = 4;

const TOO_COMPLEX =
  "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";

/**
 * The test of a text against a pattern in which `*` stands for any number of characters and `\*` for itself. It takes the leftmost
 * place for each part between two wildcards, so that it never has to go back.
 *
 * @throws InvalidPattern as AWS words it
 */
export function wildcard(pattern: string): (text: string) => boolean {
  const [first = "", ...rest] = partsOf(pattern);
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  refuseComplex([...rest, last]);
  const between = rest.map((part) => ({ length: part.length, search: searchFor(part) }));
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let offset = first.length;
    for (const { length, search } of between) {
      const found = search(text, offset);
      if (found === -1) return false;
      offset = found + length;
    }
    return offset <= end;
  };
}

/** What stands between the wildcards. Positions count from the quote before the text, as AWS counts them. */
function partsOf(pattern: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === "*") {
      if (next === "*") throw new InvalidPattern(`Consecutive wildcard characters at pos ${index + 1}`);
      parts.push(part);
      part = "";
    } else if (character === "\\") {
      if (next !== "*" && next !== "\\") throw new InvalidPattern(`Invalid escape character at pos ${index + 1}`);
      part += next;
      index++;
    } else part += character;
  }
  return [...parts, part];
}

function refuseComplex(continuations: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const continuation of continuations) {
    const beginning = continuation.charAt(0);
    const count = (counts.get(beginning) ?? 0) + 1;
    if (count > SAME_CONTINUATIONS) throw new InvalidPattern(TOO_COMPLEX);
    counts.set(beginning, count);
  }
}
