import { totalmem } from "node:os";
import { expect, test } from "vitest";
import { ProcessMemory } from "#lib/laptop/services/lambda/sandbox/process-memory.ts";

const GB = 1_024 ** 3;

/** A watch of a process that holds what the test says, with one function that may hold half a gigabyte. */
function watchedProcess() {
  const state = { resident: 0.3 * GB, now: 0, ended: 0, left: 0 };
  const memory = new ProcessMemory(
    () => ({ resident: state.resident, own: 0.2 * GB }),
    () => state.now,
    () => void (state.left += 1),
  );
  memory.watch({ limit: 0.5 * GB, endUnlessAtRest: () => void (state.ended += 1) });
  return {
    state,
    /** A look, some seconds later, at a process that holds so much. */
    look: (resident: number) => {
      state.now += 5_000;
      state.resident = resident;
      memory.look();
    },
  };
}

test("memory that the limits of functions explain ends nobody", () => {
  const { state, look } = watchedProcess();
  look(1.5 * GB);
  expect(state.ended).toBe(0);
});

test("memory that nothing explains ends what runs, once", () => {
  const { state, look } = watchedProcess();
  look(2 * GB);
  look(0.3 * GB);
  expect(state.ended).toBe(1);
});

test("what stays when functions have been ended is not laid to those that run later, but more of it is", () => {
  const { state, look } = watchedProcess();
  look(2 * GB);
  look(2 * GB);
  look(2.2 * GB);
  expect(state.ended).toBe(1);
  look(3.5 * GB);
  expect(state.ended).toBe(2);
});

test("memory that was free in between counts again", () => {
  const { state, look } = watchedProcess();
  look(2 * GB);
  look(2 * GB);
  look(0.3 * GB);
  look(2 * GB);
  expect(state.ended).toBe(2);
});

test("the laptop cloud ends itself before a thread that cannot be ended takes the machine", () => {
  const { state, look } = watchedProcess();
  look(totalmem());
  expect(state.left).toBe(0);
  look(totalmem());
  expect(state.left).toBe(1);
});
