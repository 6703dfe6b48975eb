import { expect, test } from "vitest";
import { parseFilters } from "#lib/laptop/services/lambda/mappings/filter-criteria.ts";
import { eventually, mappingOf, MemoryQueue } from "./mapping-support.ts";

/** The bodies that a function with these filters is given of these; the others are deleted unseen. */
async function filtered(patterns: readonly object[], bodies: readonly string[]): Promise<string[]> {
  const queue = new MemoryQueue();
  const criteria = { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) };
  const { function: held } = mappingOf({ filters: parseFilters(criteria, "Mapping") }, queue);
  queue.send(...bodies);
  await eventually(() => expect([...queue.deleted, ...held.batches.flat()]).toHaveLength(bodies.length));
  return held.invocations.flatMap(({ records }) => records.map(({ body }) => body));
}

const placed = JSON.stringify({ type: "placed", total: 20 });
const paid = JSON.stringify({ type: "paid", total: 5 });

test("a message that matches no filter is deleted, and the function never sees it", async () => {
  expect(await filtered([{ body: { type: ["placed"] } }], [placed, paid])).toEqual([placed]);
});

test("a message has to match one filter of several", async () => {
  const patterns = [{ body: { type: ["placed"] } }, { body: { total: [{ numeric: ["<", 10] }] } }];
  expect(await filtered(patterns, [placed, paid, JSON.stringify({ type: "lost", total: 50 })])).toEqual([placed, paid]);
});

test("a body that is no JSON matches a filter for text, and none for JSON", async () => {
  expect(await filtered([{ body: ["ping"] }], ["ping", "pong", placed])).toEqual(["ping"]);
  expect(await filtered([{ body: { type: ["placed"] } }], ["ping"])).toEqual([]);
});

test("a filter that Lambda would refuse is refused, and says where it stands", () => {
  const criteria = { Filters: [{ Pattern: '{"body":{"type":"placed"}}' }] };
  expect(() => parseFilters(criteria, "Mapping in stack shop")).toThrow(
    'Filter criteria of Mapping in stack shop: the pattern {"body":{"type":"placed"}} is not valid: "type" must be an object or an array.',
  );
});
