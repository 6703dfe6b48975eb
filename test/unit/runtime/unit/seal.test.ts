import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paper, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

type Unit = Parameters<WorkshopHandler>[1];

describe("a handler that returns before what it has begun is done", () => {
  test.each<[string, (unit: Unit) => Promise<unknown>]>([
    ["a read", (unit) => unit.get(paper, "list")],
    ["a read of many", (unit) => unit.getAll(paper, ["list", "plan"])],
    ["an effect", (unit) => unit.effects.once("order wood", async () => "ordered")],
    [
      "a checkpoint",
      (unit) => {
        unit.put(paper, { name: "half a plan" }, { overwrite: true });
        return unit.checkpoint();
      },
    ],
  ])("makes its event fail: %s", async (_, begin) => {
    const event = wanted("chair");
    let went = "nowhere";
    const { failed, log } = await workshop.deliver([event], (_given, unit) => {
      void begin(unit).then(() => (went = "on"));
    });

    expect(failed).toEqual([event.id]);
    expect(log[0]?.details["reason"]).toMatch(/^the handler returned while .* pending: an await is missing$/);
    expect(went).toBe("nowhere");
  });

  test("commits nothing of it", async () => {
    await workshop.deliver([wanted("table")], (_, unit) => {
      unit.put(paper, { name: "table" });
      for (const name of ["leg", "top"]) void unit.get(paper, name).then(() => unit.put(paper, { name }));
    });
    expect(await workshop.stored(paper, "table")).toBeUndefined();
    expect(await workshop.stored(paper, "leg")).toBeUndefined();
  });
});

describe("a unit whose handler has returned", () => {
  const sealed = "the unit was used after its handler had returned: an await is missing";

  test.each<[string, (unit: Unit) => unknown]>([
    ["put", (unit) => unit.put(paper, { name: "late" })],
    ["delete", (unit) => unit.delete(paper, "late")],
    ["emit", (unit) => unit.emit(toolMade, { name: "late", pieces: 1 })],
    ["get", (unit) => unit.get(paper, "late")],
    ["checkpoint", (unit) => unit.checkpoint()],
    ["effects.once", (unit) => unit.effects.once("late", async () => 1)],
  ])("refuses %s, and says so in the log with the event's ids", async (_, use) => {
    const event = wanted("late");
    const late = Promise.withResolvers<Unit>();
    const { log } = await workshop.deliver([event], (_given, unit) => late.resolve(unit));
    const unit = await late.promise;

    await expect((async () => use(unit))()).rejects.toThrow(sealed);
    expect(log.find(({ level }) => level === "error")).toMatchObject({ message: sealed, details: { event: { id: event.id } } });
  });

  test("has no way to be completed by its handler", async () => {
    let names: string[] = [];
    await workshop.deliver([wanted("names")], (_, unit) => {
      names = Object.getOwnPropertyNames(Object.getPrototypeOf(unit));
    });
    expect(names).toContain("checkpoint");
    expect(names).not.toContain("complete");
  });
});

test("a unit whose handler has failed refuses what its other branches still do, without a word in the log", async () => {
  const event = wanted("saw");
  const failedBefore = Promise.withResolvers<void>();
  let branch: Promise<void> | undefined;
  const { failed, log } = await workshop.deliver([event], async (_, unit) => {
    branch = failedBefore.promise.then(() => unit.put(paper, { name: "saw" }));
    await Promise.all([Promise.reject(new Error("the blade is blunt")), branch]);
  });
  failedBefore.resolve();

  await expect(branch).rejects.toThrow("after its handler had failed");
  expect(failed).toEqual([event.id]);
  expect(log.map(({ message }) => message)).toEqual(["event failed, retried later"]);
});
