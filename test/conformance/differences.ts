import type { Target } from "../target/target.ts";

/** Why a target differs from what AWS documents, by behaviour; docs/parity.md shows it beside what was seen. */
export const DIFFERENCES: Readonly<Record<Target["name"], Readonly<Record<string, string>>>> = {
  embedded: {},
  localstack: {},
  aws: {},
};
