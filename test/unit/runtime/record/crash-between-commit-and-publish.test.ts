import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { met, shelf, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Makes the tools that are wanted, and tells of each. */
const make: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + 1 });
  unit.emit(toolMade, data);
  unit.emit(toolMade, { ...data, note: "the second" });
};

/** The clients, with an SNS that fails the first calls in its own way. */
function failingSns(failures: number, fail: () => unknown) {
  let calls = 0;
  const sns = met(workshop.clients.sns, (command) =>
    command instanceof PublishBatchCommand && calls++ < failures ? fail() : undefined,
  );
  return { ...workshop.clients, sns };
}

const breakDown = () => {
  throw new Error("SNS is out of order");
};

describe("an event whose function ends between the commit and the publish", () => {
  test("has its outgoing events published by the redelivery", async () => {
    const event = wanted("chisel");
    const crash = await workshop.deliver([event], make, { clients: failingSns(1, breakDown) });
    expect(crash.failed).toEqual([event.id]);
    expect(await workshop.stored(shelf, "chisel")).toMatchObject({ pieces: 1 });
    expect(workshop.publishedAfter(event)).toEqual([]);

    const healed = await workshop.deliver([event], make, { attempt: 2 });
    expect(healed.failed).toEqual([]);
    expect(healed.log.map(({ message }) => message)).toEqual(["event duplicate"]);
    expect(workshop.publishedAfter(event)).toHaveLength(2);
  });

  test("is dead on its last attempt, with the word that its effect is committed", async () => {
    const event = wanted("gouge");
    await workshop.deliver([event], make, { clients: failingSns(1, breakDown), attempt: 10 });

    expect(workshop.deadLetters(event)).toMatchObject([{ reason: { errorMessage: expect.stringContaining("is committed") } }]);
  });
});
