/**
 * `npm run docs:parity`: writes docs/parity.md from what the last runs of the conformance suite on this machine have seen,
 * target by target. `--check` writes nothing and fails where the page lacks a behaviour, or says something else of the target
 * embedded than its last run has seen.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../bin/root.ts";
import { BEHAVIOURS } from "../../conformance/behaviours.ts";
import { isToldIn, parityPage } from "./parity-page.ts";
import { readOutcomes } from "./results.ts";

const PAGE = join(ROOT, "docs", "parity.md");

const outcomes = readOutcomes();
const unseen = [...BEHAVIOURS.keys()].filter((id) => !outcomes.get("embedded")?.has(id));
if (unseen.length > 0) {
  fail(`no test has looked at ${unseen.join(", ")} on the target embedded: run npx vitest run --project conformance first`);
} else if (!process.argv.includes("--check")) {
  writeFileSync(PAGE, parityPage(outcomes));
} else {
  const page = readFileSync(PAGE, "utf8");
  const stale = [...BEHAVIOURS.keys()].filter((id) => !isToldIn(page, id, outcomes));
  if (stale.length > 0) fail(`docs/parity.md is stale for ${stale.join(", ")}: run npm run docs:parity`);
}

function fail(line: string): void {
  console.error(line);
  process.exitCode = 1;
}
