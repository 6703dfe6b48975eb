import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { type DataOf, type ServiceDefinition } from "#lib/contracts/index.ts";
import { validate } from "#lib/contracts/validate.ts";
import { toPublish } from "#lib/runtime/index.ts";
import { TestCloud } from "#lib/testing/index.ts";
import { entryMade, letterSent } from "../support/fixtures/ordered-project/events.ts";
import census, { seen } from "../support/fixtures/ordered-project/functions/census/service.ts";
import diary, { page } from "../support/fixtures/ordered-project/functions/diary/service.ts";
import index from "../support/fixtures/ordered-project/functions/index/service.ts";
import { isLong, sized } from "../support/proof.ts";
import { synthesizeProject } from "../support/fixtures/synthesize-project.ts";

const PROJECT = join(import.meta.dirname, "../support/fixtures/ordered-project");

type Entry = DataOf<typeof entryMade>;

const assembly = mkdtempSync(join(tmpdir(), "fanfare-ordered-"));
let cloud: TestCloud;
beforeAll(async () => {
  await synthesizeProject(["diary", "index", "census"], PROJECT, assembly);
  cloud = await TestCloud.start({ assembly });
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

/** Makes the entries in one burst; returns the ids of their events. */
function make(entries: readonly Entry[]): Promise<string[]> {
  return cloud.publishAll(entries.map((entry) => toPublish(entryMade, entry)));
}

/** The first entries of a page, of which one number is not merely to be kept. */
function entries(name: string, count: number, odd: Partial<Record<number, Entry["act"]>> = {}): Entry[] {
  return numbers(count).map((number) => ({ page: name, number, act: odd[number] ?? "keep" }));
}

/** The entries of each page of a service whose name begins in a certain way, in the order in which they took effect. */
async function pages(service: ServiceDefinition, name: string): Promise<Record<string, number[]>> {
  const found = await cloud.items(service, page);
  return Object.fromEntries(found.filter((each) => each.name.startsWith(name)).map((each) => [each.name, each.numbers]));
}

/** The dead letters of a page's entries. */
function dead(name: string) {
  return cloud.deadLetters(diary).flatMap(({ body, ...reason }) => {
    const entry = validate(entryMade.schema, parseEnvelope(body).data, entryMade.type);
    return entry.page === name ? [{ number: entry.number, ...reason }] : [];
  });
}

const BURSTS = sized({ short: { name: "dozens", pages: 2, bursts: 1 }, long: { name: "hundreds", pages: 8, bursts: 4 } });

test(`${BURSTS.name} of events of many subjects, in bursts, take effect in the order of their subject, and so does what follows from them`, async () => {
  const names = numbers(BURSTS.pages).map((each) => `burst ${each}`);
  const made: string[] = [];
  for (const burst of numbers(BURSTS.bursts)) {
    // Page after page within a number: each subject's events lie far from each other in the burst.
    const inBurst = numbers(10).flatMap((each) => names.map((name) => ({ page: name, number: burst * 10 + each })));
    made.push(...(await make(inBurst.map((entry): Entry => ({ ...entry, act: "keep" })))));
  }
  await cloud.settle();

  const inOrder = Object.fromEntries(names.map((name) => [name, numbers(10 * BURSTS.bursts)]));
  expect(await pages(diary, "burst")).toEqual(inOrder);
  expect(await pages(index, "burst")).toEqual(inOrder);
  expect(await timesSeen(made)).toEqual(new Set([1]));
});

test("an event that fails for a while holds up its own subject and no other", async () => {
  await make([...entries("held", 15, { 1: "wait" }), ...entries("free", 15)]);
  await vi.waitFor(async () => expect(await pages(index, "free")).toEqual({ free: numbers(15) }), { timeout: 20_000 });
  expect(await pages(diary, "held")).toEqual({ held: [0] });

  await make(entries("held gate", 1));
  await cloud.settle();
  expect(await pages(diary, "held")).toMatchObject({ held: numbers(15) });
  expect(await pages(index, "held")).toMatchObject({ held: numbers(15) });
  expect(dead("held")).toEqual([]);
});

test("an event that can never be handled lies in the FIFO dead-letter queue with its reason, and its subject goes on behind it", async () => {
  await make([...entries("poison", 15, { 2: "throw" }), ...entries("poison neighbour", 15)]);
  await cloud.settle();

  expect(dead("poison")).toEqual([{ number: 2, errorName: "Error", errorMessage: "the ink has run", attempts: 10 }]);
  expect(await pages(diary, "poison")).toEqual({
    poison: numbers(15).filter((number) => number !== 2),
    "poison neighbour": numbers(15),
  });
  const letters = cloud.cloud.queues.look("fanfare-dev-diary-dlq.fifo").messages;
  expect(letters.map(({ body }) => parseEnvelope(body).subject)).toContain("poison");
});

test("an event that was held up has all its own attempts left", async () => {
  await make(entries("patient", 6, { 1: "throw", 3: "wait" }));
  await vi.waitFor(
    () => {
      cloud.cloud.skipWaits();
      expect(dead("patient")).toHaveLength(1);
    },
    { timeout: 20_000 },
  );
  await vi.waitFor(async () => expect(await pages(diary, "patient")).toEqual({ patient: [0, 2] }), { timeout: 20_000 });

  await make(entries("patient gate", 1));
  await cloud.settle();
  expect(await pages(diary, "patient")).toMatchObject({ patient: [0, 2, 3, 4, 5] });
  expect(dead("patient").map(({ number }) => number)).toEqual([1]);
});

test.runIf(isLong)("an event that ends the process is dead alone, and no subject loses its order", async () => {
  await make([...entries("end", 12, { 3: "exit" }), ...entries("end neighbour", 12), ...entries("end of the row", 12)]);
  await cloud.settle();

  expect(dead("end")).toMatchObject([{ number: 3, errorName: "ProcessEndedError", attempts: 10 }]);
  expect(await pages(diary, "end")).toEqual({
    end: numbers(12).filter((number) => number !== 3),
    "end neighbour": numbers(12),
    "end of the row": numbers(12),
  });
});

test("an event that is published twice takes effect once, and changes no order", async () => {
  const first = entries("twice", 3).map((entry) => toPublish(entryMade, entry, { id: `twice ${entry.number}` }));
  await cloud.publishAll(first);
  await cloud.publishAll([...first.toReversed(), toPublish(entryMade, { page: "twice", number: 3, act: "keep" })]);
  await cloud.settle();

  expect(await pages(diary, "twice")).toEqual({ twice: numbers(4) });
  expect(await timesSeen(first.map(({ id }) => id ?? ""))).toEqual(new Set([1]));
});

test("a service without order has the events of a FIFO topic and of a standard one, those of tenants too", async () => {
  const made = await make(entries("either", 20));
  const sent = await cloud.publishAll(
    numbers(20).map((number) => toPublish(letterSent, { id: `${number}`, house: number < 19 ? "the mill" : "the inn" })),
  );
  await cloud.settle();

  expect(await timesSeen([...made, ...sent])).toEqual(new Set([1]));
  expect(cloud.deadLetters(census)).toEqual([]);
});

/** How often each of some events has taken effect in the service without order. */
async function timesSeen(ids: readonly string[]): Promise<Set<number>> {
  const times = new Map((await cloud.items(census, seen)).map((item) => [item.id, item.times]));
  return new Set(ids.map((id) => times.get(id) ?? 0));
}
