import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { keyOf } from "#lib/contracts/entity.ts";
import { type AnyEntityDefinition, defineEntity, upcastFrom } from "#lib/contracts/index.ts";
import { type UnitOfWork } from "#lib/runtime/index.ts";
import { handleWith, type Owning } from "../one-entity.ts";
import { Workshop } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());
afterEach(() => {
  vi.useRealTimers();
});

const handle = <Entity extends AnyEntityDefinition>(
  entity: Entity,
  work: (unit: UnitOfWork<Owning<Entity>>) => unknown,
  options: Parameters<typeof handleWith>[3] = {},
) => handleWith(workshop, entity, work, options);

async function store(entity: { name: string }, id: string, data: object): Promise<void> {
  const Item = marshall({ version: 1, ...keyOf(entity, id), ...data });
  await workshop.clients.dynamodb.send(new PutItemCommand({ TableName: "workshop", Item }));
}

describe("the runtime's own attributes", () => {
  const strict = defineEntity({ name: "strict", schema: v.strictObject({ name: v.string() }), id: ({ name }) => name });
  const loose = defineEntity({ name: "loose", schema: v.looseObject({ name: v.string() }), id: ({ name }) => name });

  test("do not reach a strict schema when the item is read", async () => {
    await handle(strict, (unit) => unit.put(strict, { name: "a" }));
    const { outcome } = await handle(strict, async (unit) => {
      expect(await unit.get(strict, "a")).toEqual({ name: "a" });
    });
    expect(outcome).toBe("done");
  });

  test("do not come back from a loose schema, so that what was read can be put", async () => {
    await handle(loose, (unit) => unit.put(loose, { name: "a", colour: "red" }));
    const { outcome } = await handle(loose, async (unit) => {
      const [known] = await unit.getAll(loose, ["a"]);
      expect(known).toEqual({ name: "a", colour: "red" });
      unit.put(loose, { ...known!, note: "x" });
    });
    expect(outcome).toBe("done");
    expect(await workshop.stored(loose, "a")).toMatchObject({ colour: "red", note: "x" });
  });
});

describe("a stored item that does not fit its entity", () => {
  const tool = defineEntity({
    name: "tool",
    schema: v.object({ name: v.string(), pieces: v.number() }),
    id: ({ name }) => name,
  });

  test("is not the event's fault: the event is retried, with entity, item and attribute named", async () => {
    await store(tool, "file", { name: "file", pieces: "many" });
    const { outcome, reason, deadLetters } = await handle(tool, (unit) => unit.get(tool, "file"));

    expect(outcome).toBe("retry");
    expect(reason).toMatch(
      /the item tool#file does not fit version 1 of the entity tool: data\.pieces: .*event is not at fault/,
    );
    expect(reason).not.toContain("many");
    expect(deadLetters).toEqual([]);
  });
});

describe("an entity with a newer version", () => {
  const first = defineEntity({
    name: "doc",
    schema: v.strictObject({ id: v.string(), title: v.string() }),
    id: ({ id }) => id,
  });
  const second = defineEntity({
    name: "doc",
    version: 2,
    schema: v.strictObject({ id: v.string(), titles: v.array(v.string()) }),
    id: ({ id }) => id,
    upcasts: [upcastFrom(first, ({ id, title }) => ({ id, titles: [title] }))],
  });
  const third = defineEntity({
    name: "doc",
    version: 3,
    schema: v.strictObject({ id: v.string(), titles: v.array(v.string()), pages: v.number() }),
    id: ({ id }) => id,
    upcasts: [upcastFrom(second, (data) => ({ ...data, pages: 0 }))],
  });

  test("reads items of the older ones, step by step, and leaves them stored as they are", async () => {
    await handle(first, (unit) => unit.put(first, { id: "old", title: "T" }));
    const { outcome } = await handle(third, async (unit) => {
      expect(await unit.get(third, "old")).toEqual({ id: "old", titles: ["T"], pages: 0 });
    });
    expect(outcome).toBe("done");
    expect(await workshop.stored(first, "old")).toMatchObject({ title: "T" });
  });

  test("stores an item in its own version once a handler puts it", async () => {
    await handle(first, (unit) => unit.put(first, { id: "put", title: "T" }));
    await handle(second, async (unit) => unit.put(second, (await unit.get(second, "put"))!));

    const stored = await workshop.stored(second, "put");
    expect(stored).toMatchObject({ titles: ["T"], schemaVersion: 2 });
    expect(stored).not.toHaveProperty("title");
  });

  test("is waited for by older code that meets its items", async () => {
    await handle(second, (unit) => unit.put(second, { id: "new", titles: [] }));
    const { outcome, reason, deadLetters } = await handle(first, (unit) => unit.get(first, "new"));

    expect(outcome).toBe("retry");
    expect(reason).toBe(
      "the item doc#new has version 2 of the entity doc, and this code knows version 1: deploy the newer code",
    );
    expect(deadLetters).toEqual([]);
  });

  test("says so when nothing upcasts from the version of an item", async () => {
    const abrupt = defineEntity({ ...second, version: 4, upcasts: [] });
    await store(second, "gap", { id: "gap", titles: [], schemaVersion: 2 });
    const { outcome, reason } = await handle(abrupt, (unit) => unit.get(abrupt, "gap"));

    expect(outcome).toBe("retry");
    expect(reason).toMatch(/the item doc#gap .* has version 2, from which nothing upcasts/);
  });
});

describe("an item that expires", () => {
  const voucher = defineEntity({
    name: "voucher",
    schema: v.object({ code: v.string(), worth: v.number(), until: v.optional(v.string()) }),
    id: ({ code }) => code,
    expires: ({ until }) => (until === undefined ? undefined : new Date(until)),
  });
  const past = () => new Date(Date.now() - 60_000).toISOString();
  const future = () => new Date(Date.now() + 60_000).toISOString();

  test("carries the second of its expiry for DynamoDB to delete it by, or none", async () => {
    const until = "2099-01-01T00:00:00.500Z";
    await handle(voucher, (unit) => unit.put(voucher, { code: "kept", worth: 5, until }));
    await handle(voucher, (unit) => unit.put(voucher, { code: "for ever", worth: 5 }));

    expect(await workshop.stored(voucher, "kept")).toMatchObject({
      expiresAt: Date.parse("2099-01-01T00:00:01Z") / 1_000,
      until,
    });
    expect(await workshop.stored(voucher, "for ever")).not.toHaveProperty("expiresAt");
  });

  test("is absent from then on, though DynamoDB has not deleted it", async () => {
    await handle(voucher, (unit) => unit.put(voucher, { code: "over", worth: 5, until: past() }));
    await handle(voucher, (unit) => unit.put(voucher, { code: "good", worth: 5, until: future() }));
    const { outcome } = await handle(voucher, async (unit) => {
      expect(await unit.get(voucher, "over")).toBeUndefined();
      expect(await unit.getAll(voucher, ["over", "good"])).toEqual([undefined, expect.objectContaining({ code: "good" })]);
    });
    expect(outcome).toBe("done");
    expect(await workshop.stored(voucher, "over")).toBeDefined();
  });

  test.each(["read", "not read"])("is replaced by a new one, when it was %s", async (how) => {
    const code = `again ${how}`;
    await handle(voucher, (unit) => unit.put(voucher, { code, worth: 5, until: past() }));
    const { outcome } = await handle(voucher, async (unit) => {
      if (how === "read") await unit.get(voucher, code);
      unit.put(voucher, { code, worth: 9, until: future() });
    });
    expect(outcome).toBe("done");
    expect(await workshop.stored(voucher, code)).toMatchObject({ worth: 9 });
  });

  test("is replaced also by code whose entity does not expire any more", async () => {
    const lasting = defineEntity({ name: voucher.name, schema: voucher.schema, id: voucher.id });
    await handle(voucher, (unit) => unit.put(voucher, { code: "lasting", worth: 5, until: past() }));
    const { outcome } = await handle(lasting, async (unit) => {
      expect(await unit.get(lasting, "lasting")).toBeUndefined();
      unit.put(lasting, { code: "lasting", worth: 9 });
    });
    expect(outcome).toBe("done");
    expect(await workshop.stored(voucher, "lasting")).not.toHaveProperty("expiresAt");
  });

  test("loses no change of another event when it expires between read and commit", async () => {
    const soon = new Date(Date.now() + 3_000).toISOString();
    await handle(voucher, (unit) => unit.put(voucher, { code: "late", worth: 5, until: soon }));
    const found: unknown[] = [];
    const { outcome } = await handle(voucher, async (unit) => {
      const known = await unit.get(voucher, "late");
      found.push(known?.worth);
      if (!known) return;
      await handle(voucher, async (other) => other.put(voucher, { ...(await other.get(voucher, "late"))!, worth: 2 }));
      vi.useFakeTimers({ now: Date.now() + 6_000, toFake: ["Date"] });
      unit.put(voucher, { ...known, until: future() });
    });
    expect(outcome).toBe("done");
    expect(found).toEqual([5, undefined]);
    expect(await workshop.stored(voucher, "late")).toMatchObject({ worth: 2 });
  });

  test("is the same for a handler that reads it before and after: absent or there", async () => {
    const soon = new Date(Date.now() + 3_000).toISOString();
    await handle(voucher, (unit) => unit.put(voucher, { code: "there", worth: 5, until: soon }));
    await handle(voucher, (unit) => unit.put(voucher, { code: "over", worth: 5, until: past() }, { overwrite: true }));
    const { outcome } = await handle(voucher, async (unit) => {
      const before = await unit.getAll(voucher, ["there", "over"]);
      vi.useFakeTimers({ now: Date.now() + 6_000, toFake: ["Date"] });
      expect(await unit.getAll(voucher, ["there", "over"])).toEqual(before);
      expect(before).toEqual([expect.objectContaining({ worth: 5 }), undefined]);
    });
    expect(outcome).toBe("done");
  });

  test("is added to before, and not after", async () => {
    await handle(voucher, (unit) => unit.put(voucher, { code: "sum", worth: 5, until: future() }));
    const add = (unit: UnitOfWork<Owning<typeof voucher>>) => unit.add(voucher, "sum", "worth", 1, { atLeast: 0 });
    expect(await handle(voucher, add)).toMatchObject({ outcome: "done" });
    vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ["Date"] });
    expect(await handle(voucher, add)).toMatchObject({ outcome: "retry" });
    expect(await workshop.stored(voucher, "sum")).toMatchObject({ worth: 6 });
  });

  test("is refused for good without a valid date", async () => {
    const { outcome, deadLetters } = await handle(voucher, (unit) =>
      unit.put(voucher, { code: "odd", worth: 5, until: "soon" }),
    );
    expect(outcome).toBe("dead");
    expect(deadLetters).toMatchObject([
      { reason: { errorMessage: expect.stringMatching(/voucher#odd .*gave an invalid Date/) } },
    ]);
  });
});
