import { expect, test } from "vitest";
import { bundleServices } from "../simulation/code.ts";
import { findPlantedBugs, SEEDS_ALLOWED } from "./find-planted-bugs.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";

test("the simulation finds every planted bug", { timeout: 600_000 }, async () => {
  const findings = await findPlantedBugs(1, 200);
  for (const { bug, seeds, invariant } of findings)
    console.log(`${String(seeds).padStart(5)} seeds: ${bug.name} (${invariant})`);
  expect(findings.length).toBeGreaterThanOrEqual(20);
  expect(findings.filter(({ seeds }) => seeds === undefined || seeds > SEEDS_ALLOWED).map(({ bug }) => bug.name)).toEqual([]);
});

test("a planted bug that no longer fits the runtime's source is refused", async () => {
  const [bug] = PLANTED_BUGS;
  const edits = bug!.edits.map((edit) => ({ ...edit, find: "what no file says" }));
  await expect(bundleServices(edits)).rejects.toThrow(/stands there 0 times: expected once; adapt the bug/);
});
