import type { Alternatives } from "./condition.ts";

/** A field that a pattern asks for. */
export interface WantedField {
  /** The names on the way to it, joined by dots: `detail.state` is the field `state` below `detail`, or the field `detail.state`. */
  readonly path: string;
  /** How deep it lies in the pattern, from 1. */
  readonly depth: number;
  readonly alternatives: Alternatives;
}

/** One way to match: all of its fields must, by their paths. `$or` makes several of one pattern. */
export type Branch = ReadonlyMap<string, WantedField>;
