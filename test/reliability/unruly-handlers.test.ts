import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { validate } from "#lib/contracts/validate.ts";
import { TestCloud } from "#lib/testing/index.ts";
import { type Stunt, stuntAsked } from "../support/fixtures/unruly-project/functions/unruly/events.ts";
import unruly, { act } from "../support/fixtures/unruly-project/functions/unruly/service.ts";
import { isLong, sized } from "../support/proof.ts";
import { synthesizeProject } from "../support/fixtures/synthesize-project.ts";

const PROJECT = join(import.meta.dirname, "../support/fixtures/unruly-project");

const assembly = mkdtempSync(join(tmpdir(), "fanfare-unruly-"));
let cloud: TestCloud;
beforeAll(async () => {
  await synthesizeProject(["unruly"], PROJECT, assembly);
  cloud = await TestCloud.start({ assembly });
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

/** Asks for stunts in one burst, each under a key of its own, and waits until all are over. Returns the keys, by stunt. */
async function perform(name: string, asked: readonly Stunt[]): Promise<string[]> {
  const keys = asked.map((stunt, index) => `${name} ${index} ${stunt}`);
  await Promise.all(asked.map((stunt, index) => cloud.publish(stuntAsked, { key: keys[index]!, stunt })));
  // On a busy machine, loops and hangs outlast the time that one settling allows.
  await cloud.settle().catch(() => cloud.settle());
  return keys;
}

/** A number of well-behaved neighbours. */
function neighbours(count: number): Stunt[] {
  return new Array<Stunt>(count).fill("behave");
}

/** How often each key has taken effect; a key that never has is not there. */
async function effects(name: string): Promise<Record<string, number>> {
  const acts = await cloud.items(unruly, act);
  return Object.fromEntries(acts.filter(({ key }) => key.startsWith(name)).map(({ key, times }) => [key, times]));
}

/** What is dead of a burst: the stunt, and its reason. */
function dead(name: string) {
  return cloud.deadLetters(unruly).flatMap(({ body, ...reason }) => {
    const { key, stunt } = validate(stuntAsked.schema, parseEnvelope(body).data, stuntAsked.type);
    return key.startsWith(name) ? [{ stunt, ...reason }] : [];
  });
}

function once(keys: readonly string[]): Record<string, number> {
  return Object.fromEntries(keys.map((key) => [key, 1]));
}

const THROWN: [Stunt, string][] = [
  ["throw", "the lion is asleep"],
  ["throw null", "the handler threw null, which is not an Error"],
  ["throw a text", "the handler threw a pie, which is not an Error"],
  ["throw a circle", "the handler threw [object Object], which is not an Error"],
  ["throw a ring of causes", "the hen"],
  ["throw a trap", "the handler threw an object that cannot be read"],
];

test.each(sized({ short: THROWN.filter(([stunt]) => stunt === "throw" || stunt === "throw a trap"), long: THROWN }))(
  "a handler that does this is tried ten times and given up with what it threw, its neighbours unharmed: %s",
  async (stunt, errorMessage) => {
    const keys = await perform(`errors ${stunt}`, [stunt, ...neighbours(9)]);

    expect(dead(`errors ${stunt}`)).toEqual([{ stunt, errorName: "Error", errorMessage, attempts: 10 }]);
    expect(await effects(`errors ${stunt}`)).toEqual(once(keys.slice(1)));
  },
);

test.each<[Stunt, string, RegExp]>([
  ["break a contract", "InvalidEventError", /^stunt\.done\.v1: data\.times: /],
  ["emit too much", "EventTooLargeError", /^stunt\.done\.v1 has \d+ bytes; SNS takes 262144/],
  ["emit more than an item holds", "PermanentError", /^DynamoDB refused .*size/],
  ["write 101 items", "PermanentError", /^a transaction of 102 actions; DynamoDB takes 100/],
  ["write an item in two ways", "PermanentError", /is written in two ways that one transaction cannot join/],
])(
  "a handler that can never succeed is given up at once, and nothing of it is kept: %s",
  async (stunt, errorName, errorMessage) => {
    const keys = await perform(`hopeless ${stunt}`, [stunt, ...neighbours(9)]);

    expect(dead(`hopeless ${stunt}`)).toEqual([
      { stunt, errorName, errorMessage: expect.stringMatching(errorMessage), attempts: 1 },
    ]);
    expect(await effects(`hopeless ${stunt}`)).toEqual(once(keys.slice(1)));
  },
);

test.each<Stunt>(sized({ short: ["exit"], long: ["exit", "leave a rejection"] }))(
  "an event that ends the process among nine healthy ones is dead alone, with its reason: %s",
  async (stunt) => {
    const keys = await perform(`ends ${stunt}`, [...neighbours(4), stunt, ...neighbours(5)]);

    expect(dead(`ends ${stunt}`)).toEqual([
      { stunt, errorName: "ProcessEndedError", errorMessage: expect.stringContaining("process ended"), attempts: 10 },
    ]);
    expect(await effects(`ends ${stunt}`)).toEqual(once(keys.filter((key) => !key.endsWith(stunt))));
  },
);

test("a handler that rejects after it has returned has taken effect once all the same, and so have its neighbours", async () => {
  const keys = await perform("late", ["reject when it is over", ...neighbours(9)]);

  expect(dead("late")).toEqual([]);
  expect(await effects("late")).toEqual(once(keys));
});

test.runIf(isLong)("events that exit, loop and hang, two of each in one burst, are dead alone", async () => {
  const culprits: Stunt[] = ["never return", "loop for ever", "exit"];
  const keys = await perform("mixed", [...culprits, ...neighbours(24), ...culprits]);

  expect(await effects("mixed")).toEqual(once(keys.filter((key) => key.endsWith("behave"))));
  expect(dead("mixed").toSorted((a, b) => a.stunt.localeCompare(b.stunt))).toMatchObject([
    { stunt: "exit", errorName: "ProcessEndedError" },
    { stunt: "exit", errorName: "ProcessEndedError" },
    { stunt: "loop for ever", errorName: "ProcessEndedError" },
    { stunt: "loop for ever", errorName: "ProcessEndedError" },
    { stunt: "never return", errorName: "HandlerTimeoutError" },
    { stunt: "never return", errorName: "HandlerTimeoutError" },
  ]);
});
