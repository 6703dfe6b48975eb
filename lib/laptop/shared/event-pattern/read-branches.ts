import type { Dialect } from "./dialect.ts";
import type { Branch, WantedField } from "./branch.ts";
import { InvalidPattern } from "./invalid-pattern.ts";
import type { JsonTokens } from "./json-tokens.ts";
import { readAlternatives } from "./read-alternatives.ts";

/** Ways to match that `$or` may make of a pattern: eventbridge/latest/userguide/eb-create-pattern-operators */
const BRANCHES = 1_000;

/** Names that no field may have within `$or`. */
const RESERVED = ["exactly", "prefix", "suffix", "numeric", "anything-but", "exists", "cidr", "equals-ignore-case", "wildcard"];

type Fields = Map<string, WantedField>;

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly isInOr: boolean;
}

/** Reads a pattern, after its opening brace, into the ways in which it can match. @throws InvalidPattern as AWS words it */
export function readBranches(tokens: JsonTokens, dialect: Dialect): Branch[] {
  return readObject(tokens, dialect, [new Map()], { path: "", depth: 1, isInOr: false });
}

/** Adds the fields of an object to each of some branches; `$or` multiplies them. */
function readObject(tokens: JsonTokens, dialect: Dialect, given: Fields[], place: Place): Fields[] {
  let branches = given;
  let isEmpty = true;
  for (let kind = tokens.next(); kind !== "}"; kind = tokens.next()) {
    isEmpty = false;
    const name = tokens.current.text;
    if (name === "$or" && !(dialect.orMayBeField && !isOr(tokens))) branches = readOr(tokens, dialect, branches, place);
    else branches = readField(tokens, dialect, branches, place, name);
  }
  if (isEmpty) throw tokens.refuse("Empty objects are not allowed");
  return branches;
}

function readField(tokens: JsonTokens, dialect: Dialect, branches: Fields[], place: Place, name: string): Fields[] {
  if (place.isInOr && RESERVED.includes(name))
    throw tokens.refuse(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
  const path = place.path === "" ? name : `${place.path}.${name}`;
  switch (tokens.next()) {
    case "{":
      return readObject(tokens, dialect, branches, { ...place, path, depth: place.depth + 1 });
    case "[": {
      const field = { path, depth: place.depth, alternatives: readAlternatives(tokens, dialect) };
      for (const branch of branches) branch.set(path, field);
      return branches;
    }
    default:
      throw tokens.refuse(`"${name}" must be an object or an array`);
  }
}

function readOr(tokens: JsonTokens, dialect: Dialect, branches: Fields[], place: Place): Fields[] {
  if (tokens.next() !== "[") throw tokens.refuse("It must be an Array followed with $or.");
  const alternatives: Fields[] = [];
  let count = 0;
  for (let kind = tokens.next(); kind !== "]"; kind = tokens.next()) {
    if (kind !== "{") throw tokens.refuse("Only JSON object is allowed in array of $or relationship.");
    count++;
    const copies = branches.map((branch) => new Map(branch));
    alternatives.push(...readObject(tokens, dialect, copies, { ...place, isInOr: true }));
    if (alternatives.length > BRANCHES)
      throw new InvalidPattern("Rule is too complex - try using fewer alternatives in $or relationships");
  }
  if (count < 2) throw tokens.refuse("There must have at least 2 Objects in $or relationship.");
  return alternatives;
}

/** Whether the member that begins here has the form of alternatives: two objects or more, none with an operator's name. */
function isOr(tokens: JsonTokens): boolean {
  const value = tokens.valueAhead();
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every(
      (it: unknown) => typeof it === "object" && it !== null && !Object.keys(it).some((name) => RESERVED.includes(name)),
    )
  );
}
