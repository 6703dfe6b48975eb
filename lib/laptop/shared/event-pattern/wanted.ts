import type { Alternatives, Scalar, ValueTest } from "./condition.ts";

/** A set of a pattern's branches: the bit of each is at its index. */
export type Branches = bigint;

export const NO_BRANCH: Branches = 0n;

/** What the branches of a pattern ask of one field. A value is looked up once, however many branches list it. */
export class Wanted {
  #asking = NO_BRANCH;
  #present = NO_BRANCH;
  #absent = NO_BRANCH;
  readonly #exact = new Map<Scalar, Branches>();
  readonly #tests = new Map<ValueTest, Branches>();

  /** Those that ask for the field. */
  get asking(): Branches {
    return this.#asking;
  }

  /** Those that are content where the field is missing. */
  get absent(): Branches {
    return this.#absent;
  }

  add(branch: Branches, { exact, tests, present, absent }: Alternatives): void {
    this.#asking |= branch;
    if (present) this.#present |= branch;
    if (absent) this.#absent |= branch;
    for (const value of exact) this.#exact.set(value, (this.#exact.get(value) ?? NO_BRANCH) | branch);
    for (const test of tests) this.#tests.set(test, (this.#tests.get(test) ?? NO_BRANCH) | branch);
  }

  /** Those of which one alternative holds for a value. */
  metBy(value: Scalar): Branches {
    let met = this.#present | (this.#exact.get(value) ?? NO_BRANCH);
    for (const [test, branches] of this.#tests) if ((met | branches) !== met && test.holds(value)) met |= branches;
    return met;
  }
}
