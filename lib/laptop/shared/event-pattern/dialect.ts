/** What a service understands of the pattern language. */
export interface Dialect {
  readonly wildcards: boolean;
  /** The operators that `anything-but` can be applied to. */
  readonly anythingBut: readonly string[];
  /** Whether a field that is called `$or` and does not have the form of alternatives is a field like any other. */
  readonly orMayBeField: boolean;
}

/** EventBridge's, which Lambda's event filtering shares. */
export const eventBridge: Dialect = {
  wildcards: true,
  anythingBut: ["prefix", "suffix", "equals-ignore-case", "wildcard"],
  orMayBeField: false,
};
