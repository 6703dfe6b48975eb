/** A value that a pattern can look at. */
export type Scalar = string | number | boolean | null;

/** What one value must be like: `{"prefix": "order-"}`. */
export interface ValueTest {
  /** As the pattern names it: `prefix`. */
  readonly operator: string;
  holds(value: Scalar): boolean;
}

/** The alternatives listed for a field, of which one must hold. */
export interface Alternatives {
  readonly exact: ReadonlySet<Scalar>;
  readonly tests: readonly ValueTest[];
  /** `{"exists": true}`: any value will do. */
  readonly present: boolean;
  /** `{"exists": false}`: no value will do. */
  readonly absent: boolean;
  /** How many have been listed. */
  readonly count: number;
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
