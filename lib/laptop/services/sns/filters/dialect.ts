import type { Dialect } from "../../../shared/event-pattern/dialect.ts";

/** What filter policies have of the pattern language: sns/latest/dg/string-value-matching, and-or-logic. */
export const filterPolicies: Dialect = { wildcards: false, anythingBut: ["prefix"], orMayBeField: true };
