import { expect, test } from "vitest";
import { sized } from "../../support/proof.ts";
import { sourcesOf } from "../simulation/code.ts";
import { type Finding, findPlantedBugs, SEEDS_ALLOWED } from "./find-planted-bugs.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";

const HUNT = sized({
  short: { name: "the first planted bug", bugs: PLANTED_BUGS.slice(0, 1) },
  long: { name: "every planted bug", bugs: PLANTED_BUGS },
});

test(`the simulation finds ${HUNT.name}`, { timeout: 900_000 }, async () => {
  const findings = await findPlantedBugs({ from: 1, events: 200, bugs: HUNT.bugs, onFound: tell });
  expect(findings).toHaveLength(HUNT.bugs.length);
  expect(findings.filter(({ seeds }) => seeds === undefined || seeds > SEEDS_ALLOWED).map(({ bug }) => bug.name)).toEqual([]);
});

test("every planted bug fits the runtime's source", () => {
  for (const { edits } of PLANTED_BUGS) expect(sourcesOf(edits).size).toBeGreaterThan(0);
});

test("a planted bug that no longer fits the runtime's source is refused", () => {
  const [bug] = PLANTED_BUGS;
  const edits = bug!.edits.map((edit) => ({ ...edit, find: "what no file says" }));
  expect(() => sourcesOf(edits)).toThrow(/stands there 0 times: expected once; adapt the bug/);
});

/** The long form takes minutes: each bug is told of when it is found. */
function tell({ bug, seeds, invariant }: Finding): void {
  console.log(`${String(seeds).padStart(5)} seeds: ${bug.name} (${invariant})`);
}
