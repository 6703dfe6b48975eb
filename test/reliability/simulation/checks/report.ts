/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

/** Takes down what did not hold. */
export type Report = (invariant: string, detail: string) => void;
