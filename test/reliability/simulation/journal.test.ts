import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { chunksLeft, Journal } from "./journal.ts";
import { emptySummary } from "./summary.ts";

const folder = mkdtempSync(join(tmpdir(), "fanfare-journal-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a run that was ended goes on with the seeds that are not done", () => {
  const done = [
    { from: 15, to: 20 },
    { from: 1, to: 4 },
  ];
  expect(chunksLeft({ from: 1, to: 23 }, done, () => 10)).toEqual([
    { from: 4, to: 14 },
    { from: 14, to: 15 },
    { from: 20, to: 23 },
  ]);
});

test("a journal has what was found, and leaves out a line that was cut off", () => {
  const file = join(folder, "run");
  const failures = [{ seed: 3, violations: [{ invariant: "an event takes effect once", detail: "twice" }] }];
  new Journal(file).note({ from: 1, to: 11 }, { ...emptySummary(), seeds: 10, faultsFired: new Map([["a", 2]]), failures });
  appendFileSync(file, '\n{"from":11,"to":');
  new Journal(file).note({ from: 21, to: 31 }, emptySummary());
  const { done, summary } = new Journal(file).read();
  expect(done).toEqual([
    { from: 1, to: 11 },
    { from: 21, to: 31 },
  ]);
  expect(summary).toMatchObject({ seeds: 10, failures });
  expect(summary.faultsFired.get("a")).toBe(2);
});
