import { expect, test } from "vitest";
import { isLong, sized } from "../../support/proof.ts";
import { loadCode } from "./code.ts";
import { describeCoverage } from "./coverage.ts";
import { FAULT_KINDS, type FaultKind } from "./faults.ts";
import { PLANTED_BUGS } from "../planted-bugs/planted-bugs.ts";
import { runSeeds } from "./run-seeds.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";

/** Seeds of the great run, and the seconds after which it starts no more of them on a machine that is busy with other tests. */
const { seeds: SEEDS, seconds: SECONDS } = sized({ short: { seeds: 3, seconds: 5 }, long: { seeds: 1_000, seconds: 25 } });

/** Seeds within which a kind of fault has to be seen. */
const SEEDS_PER_FAULT = 400;

/** Faults that can only happen after others. */
const AFTER: Partial<Record<FaultKind, readonly FaultKind[]>> = {
  "acknowledgement.stale": ["queue.redelivered-in-flight"],
  "dynamodb.token-expired": ["dynamodb.answer-lost"],
};

test("the same seed gives the same trace, byte for byte", async () => {
  const [one, other] = await Promise.all([loadCode(), loadCode()]);
  const first = await simulate({ seed: 7 }, one);
  const again = await simulate({ seed: 7 }, other);
  const another = await simulate({ seed: 8 }, one);
  expect(again.trace).toEqual(first.trace);
  expect(again.hash).toBe(first.hash);
  expect(another.hash).not.toBe(first.hash);
});

test("no seed loses, doubles or makes up an effect", { timeout: 180_000 }, async () => {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  const summary = await runSeeds({ from: 1, count: SEEDS, events: 200, isEnough: () => seconds() > SECONDS });
  console.log(describeCoverage(summary).join("\n"));
  expect(summary.failures).toEqual([]);
  expect(summary.deliveries).toBeGreaterThan(summary.events);
});

test.runIf(isLong)("every kind of fault can happen", { timeout: 180_000 }, async () => {
  const code = await loadCode();
  const happens = async (kind: FaultKind): Promise<boolean> => {
    for (let seed = 1; seed <= SEEDS_PER_FAULT; seed++) {
      const { faultsFired } = await simulate({ seed, events: 40, only: [kind, ...(AFTER[kind] ?? [])] }, code);
      if (faultsFired.has(kind)) return true;
    }
    return false;
  };
  const never: FaultKind[] = [];
  for (const kind of FAULT_KINDS) if (!(await happens(kind))) never.push(kind);
  expect(never).toEqual([]);
});

test("a failing seed shrinks to fewer events and faults that break the same invariant", { timeout: 120_000 }, async () => {
  const [bug] = PLANTED_BUGS;
  const code = await loadCode(bug?.edits);
  const whole = await simulate({ seed: 3 }, code);
  const shrunk = await shrink({ seed: 3 }, code);
  const again = await simulate(shrunk!.seed, code);
  expect(whole.violations).not.toEqual([]);
  expect(again.violations[0]?.invariant).toBe(whole.violations[0]?.invariant);
  expect(again.events).toBeLessThan(whole.events / 2);
});
