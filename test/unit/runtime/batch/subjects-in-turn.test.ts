import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { met, shelf, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Adds the pieces that are wanted to those on the shelf. */
const make: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
};

describe("the events of a batch", () => {
  test("run one after the other when they are of one subject: ten of them take ten runs and ten commits", async () => {
    let [runs, commits, running] = [0, 0, 0];
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (command instanceof TransactWriteItemsCommand) commits += 1;
    });
    const { failed } = await workshop.deliver(
      Array.from({ length: 10 }, () => wanted("saw")),
      async (event, unit) => {
        runs += 1;
        expect(++running).toBe(1);
        await make(event, unit);
        running -= 1;
      },
      { clients: { ...workshop.clients, dynamodb } },
    );
    expect(failed).toEqual([]);
    expect({ runs, commits }).toEqual({ runs: 10, commits: 10 });
    expect(await workshop.stored(shelf, "saw")).toMatchObject({ pieces: 10 });
  });

  test("run side by side when they are of different subjects", async () => {
    const others = Promise.withResolvers<void>();
    const { failed } = await workshop.deliver([wanted("axe"), wanted("adze")], async ({ data }) => {
      // Would never end if one waited for the other.
      if (data.name === "axe") await others.promise;
      else others.resolve();
    });
    expect(failed).toEqual([]);
  });

  test("have their turn although the one before them has failed", async () => {
    const [first, second] = [wanted("vice"), wanted("vice", 2)];
    const { failed } = await workshop.deliver([first, second], (event, unit) => {
      if (event.id === first.id) throw new Error("jammed");
      return make(event, unit);
    });
    expect(failed).toEqual([first.id]);
    expect(await workshop.stored(shelf, "vice")).toMatchObject({ pieces: 2 });
  });

  test("come back unhandled when one of their subject takes all the time", async () => {
    const events = [wanted("glue"), wanted("glue")];
    let runs = 0;
    const never: WorkshopHandler = () => {
      runs += 1;
      return new Promise(() => {});
    };
    const { failed } = await workshop.deliver(events, never, { milliseconds: 1_000 });

    expect(failed).toEqual(events.map(({ id }) => id));
    expect(runs).toBe(1);
  });
});
