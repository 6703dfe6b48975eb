import { expect, test } from "vitest";
import { Clock } from "#lib/laptop/shared/clock.ts";

/** Longer than setTimeout can wait, in milliseconds. */
const LONG = 2 ** 31 + 5_000;

test("what comes due when the clock is set forward happens in its order, each at its own time", () => {
  const clock = new Clock();
  const start = clock.now();
  const done: [what: string, seconds: number][] = [];
  const note = (what: string) => () => done.push([what, Math.round((clock.now() - start) / 1_000)]);
  clock.after(3_000, note("third"));
  clock.after(1_000, () => {
    note("first")();
    clock.after(1_000, note("second"));
  });
  clock.after(60_000, note("not yet"));
  clock.advance(10_000);
  expect(done).toEqual([
    ["first", 1],
    ["second", 2],
    ["third", 3],
  ]);
});

test("work that throws keeps neither the clock nor other work back", async () => {
  const clock = new Clock();
  const start = clock.now();
  const done: string[] = [];
  clock.after(1_000, () => {
    throw new Error("no");
  });
  clock.after(2_000, () => done.push("second"));
  const later = Promise.withResolvers<void>();
  clock.after(10_020, later.resolve);
  expect(() => clock.advance(10_000)).toThrow("no");
  expect(done).toEqual(["second"]);
  expect(clock.now() - start).toBeGreaterThanOrEqual(10_000);
  await later.promise;
});

test("a wait that is longer than setTimeout takes lasts as long as it says", () => {
  const clock = new Clock();
  let done = false;
  clock.after(LONG, () => (done = true));
  clock.advance(LONG - 1_000);
  expect(done).toBe(false);
  clock.advance(1_000);
  expect(done).toBe(true);
});

test("nothing happens before its time, not by a millisecond", async () => {
  const clock = new Clock();
  const waits = Array.from({ length: 200 }, (_, index) => {
    const due = clock.now() + (index % 20);
    return new Promise<number>((resolve) => clock.after(index % 20, () => resolve(clock.now() - due)));
  });
  expect(Math.min(...(await Promise.all(waits)))).toBeGreaterThanOrEqual(0);
});
