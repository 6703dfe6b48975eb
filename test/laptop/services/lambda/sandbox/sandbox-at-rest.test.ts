import { expect, test, vi } from "vitest";
import { matching, sandboxOf } from "./sandbox-support.ts";

/** Lets a third of a second pass in which every function's timers could have fired. */
async function meanwhile() {
  const { sandbox } = sandboxOf(`export const handler = () => new Promise((resolve) => setTimeout(resolve, 300));`);
  await sandbox.invoke({});
}

test("no timer of an environment fires between two invocations: it is frozen, as on Lambda", async () => {
  const { sandbox } = sandboxOf(`
    let ticks = 0;
    setInterval(() => (ticks += 1), 1);
    export const handler = async () => ticks;`);
  const first = await sandbox.invoke({});
  await meanwhile();
  const second = await sandbox.invoke({});
  if (!first.ok || !second.ok) throw new Error("expected two results");
  expect(Number(second.payload) - Number(first.payload)).toBeLessThan(60);
});

test("what is due when an environment is thawed happens in the next invocation", async () => {
  const { sandbox } = sandboxOf(`
    let late = false;
    export const handler = async (event) => {
      if (event.begin) setTimeout(() => (late = true), 1);
      else await new Promise((resolve) => setTimeout(resolve, 20));
      return late;
    };`);
  expect(await sandbox.invoke({ begin: true })).toEqual({ ok: true, payload: false });
  await meanwhile();
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: true });
});

test("a function that allocates in a timer after it has answered holds no more when it is asked again", async () => {
  const { sandbox } = sandboxOf(`
    const kept = [];
    export const handler = async () => {
      if (kept.length === 0) setInterval(() => kept.push(Buffer.alloc(1e6, 1)), 0);
      return kept.length;
    };`);
  await sandbox.invoke({});
  await meanwhile();
  const { ok, payload } = { payload: undefined, ...(await sandbox.invoke({})) };
  expect(ok).toBe(true);
  expect(payload).toBeLessThan(60);
});

test("one that allocates after it has answered and leaves no time to be frozen is ended for its memory", async () => {
  const { sandbox } = sandboxOf(
    `const kept = [];
    const more = () => { kept.push(Buffer.alloc(1e5, 1)); queueMicrotask(more); };
    export const handler = async () => { queueMicrotask(more); return 1; };`,
    { memoryMegabytes: 32 },
  );
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 1 });
  await vi.waitUntil(() => sandbox.environments === 0, { timeout: 10_000 });
});

test("one that computes for ever after it has answered is ended when its time is over", async () => {
  const { sandbox } = sandboxOf(
    `const more = () => queueMicrotask(more);
    export const handler = async () => { queueMicrotask(more); return 1; };`,
    { timeoutSeconds: 0.3 },
  );
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 1 });
  await vi.waitUntil(() => sandbox.environments === 0, { timeout: 10_000 });
});

test("a result may have 6 MB; a larger one is refused in Lambda's words", async () => {
  const { sandbox } = sandboxOf(`export const handler = async ({ length }) => "x".repeat(length);`);
  const limit = 6 * 1_024 * 1_024 + 100;
  expect(await sandbox.invoke({ length: limit - 2 })).toMatchObject({ ok: true });
  expect(await sandbox.invoke({ length: limit - 1 })).toEqual({
    ok: false,
    reason: "handled",
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  });
});

test("an error may not have more than a result either", async () => {
  const { sandbox } = sandboxOf(`export const handler = async () => { throw new Error("x".repeat(7e6)); };`);
  expect(await sandbox.invoke({})).toMatchObject({
    reason: "handled",
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  });
});

test.each([
  ["lists", `"[".repeat(1e5) + "]".repeat(1e5)`],
  ["objects", `'{"a":'.repeat(3_000) + "1" + "}".repeat(3_000)`],
])("a result of %s that is nested too deeply is the function's error", async (_what, json) => {
  const { sandbox } = sandboxOf(`export const handler = async () => JSON.parse(${json});`);
  expect(await sandbox.invoke({})).toMatchObject({
    ok: false,
    reason: "handled",
    errorType: "Runtime.MarshalError",
    errorMessage: matching(/^Unable to stringify response body: /),
  });
});

test("of 50 MB of output the first 5 million characters are kept, and the rest is counted", async () => {
  const { sandbox, lines } = sandboxOf(`
    export const handler = async (event) => {
      if (event.much) for (let i = 0; i < 50; i += 1) console.log(("x".repeat(999) + "\\n").repeat(1_000).slice(0, -1));
      console.log("the end");
    };`);
  await sandbox.invoke({ much: true });
  const kept = lines().reduce((sum, { line }) => sum + line.length, 0);
  expect(kept).toBeGreaterThan(4_900_000);
  expect(kept).toBeLessThan(5_100_000);
  expect(lines().at(-1)?.line).toMatch(/^… and 450000\d\d more characters/);
  await sandbox.invoke({});
  expect(lines().at(-1)?.line).toBe("the end");
});
