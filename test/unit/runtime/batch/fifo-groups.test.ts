import { ChangeMessageVisibilityCommand, DeleteMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Envelope } from "#lib/contracts/index.ts";
import { PermanentError, RetryLaterError } from "#lib/runtime/index.ts";
import { met, shelf, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** The events of one group: of one subject, numbered from one. */
function group(subject: string, count: number): Envelope[] {
  return Array.from({ length: count }, (_, index) => wanted(subject, index + 1));
}

/** How an event is told in the story of a batch: `saw 1`. */
function nameOf({ subject, data }: Pick<Envelope, "subject" | "data">): string {
  const pieces: unknown = typeof data === "object" && data !== null && "pieces" in data ? data.pieces : undefined;
  return `${subject} ${String(pieces)}`;
}

/** Ids of the events as receives them: all so often. */
function received(times: number, events: readonly Envelope[]): Record<string, number> {
  return Object.fromEntries(events.map(({ id }) => [id, times]));
}

/**
 * A batch of a FIFO queue, and its story: what was handled, put back, delayed and acknowledged, in the order in which it
 * happened. The queue itself is not asked: its receipt handles are the test's invention.
 */
async function deliver(
  events: readonly Envelope[],
  handler: WorkshopHandler,
  options: {
    attempt?: Record<string, number>;
    milliseconds?: number;
    deadLettersFail?: boolean;
    dynamodb?: Workshop["clients"]["dynamodb"];
  } = {},
) {
  const story: string[] = [];
  const handles = new Map<string, string>();
  const sqs = met(workshop.clients.sqs, (command) => {
    const name = (handle: string | undefined) => handles.get(handle ?? "") ?? "unknown";
    if (command instanceof ChangeMessageVisibilityCommand) {
      const { ReceiptHandle, VisibilityTimeout } = command.input;
      story.push(`${name(ReceiptHandle)} ${VisibilityTimeout === 0 ? "put back" : "delayed"}`);
      return {};
    }
    if (command instanceof DeleteMessageBatchCommand) {
      story.push(...(command.input.Entries ?? []).map(({ ReceiptHandle }) => `${name(ReceiptHandle)} acknowledged`));
      return { Successful: [], Failed: [] };
    }
    if (command instanceof SendMessageCommand && options.deadLettersFail) throw new Error("no such queue");
  });
  for (const event of events) handles.set(`receipt of ${event.id}`, nameOf(event));
  const { failed } = await workshop.deliver(
    events,
    async (event, unit) => {
      story.push(`${nameOf(event)} begins`);
      await handler(event, unit);
      story.push(`${nameOf(event)} ends`);
    },
    { ...options, fifo: true, clients: { ...workshop.clients, ...(options.dynamodb && { dynamodb: options.dynamodb }), sqs } },
  );
  return { story, failed: failed.map((id) => nameOf(events.find((event) => event.id === id)!)) };
}

/** Puts what was handled last onto the shelf, over what lies there. */
const keep: WorkshopHandler = async ({ data }, unit) => {
  await unit.get(shelf, data.name);
  unit.put(shelf, data);
};

/** Handles what is not in the list, and throws for what is. */
function failing(names: readonly string[], error = new Error("out of wood")): WorkshopHandler {
  return (event, unit) => {
    if (names.includes(nameOf(event))) throw error;
    return keep(event, unit);
  };
}

describe("the records of a FIFO batch", () => {
  test("are handled one after the other within a group, and side by side across groups", async () => {
    const [saws, files] = [group("saw", 2), group("file", 2)];
    const filesDone = Promise.withResolvers<void>();
    const { story, failed } = await deliver([saws[0]!, files[0]!, saws[1]!, files[1]!], async (event, unit) => {
      // Would never end if one group waited for the other.
      if (nameOf(event) === "saw 1") await filesDone.promise;
      await keep(event, unit);
      if (nameOf(event) === "file 2") filesDone.resolve();
    });

    expect(failed).toEqual([]);
    const of = (name: string) => story.filter((line) => line.startsWith(name));
    expect(of("saw")).toEqual(["saw 1 begins", "saw 1 ends", "saw 2 begins", "saw 2 ends"]);
    expect(of("file")).toEqual(["file 1 begins", "file 1 ends", "file 2 begins", "file 2 ends"]);
  });

  test("are each committed before the next of the group begins", async () => {
    const seen: unknown[] = [];
    await deliver(group("rasp", 3), async ({ data }, unit) => {
      seen.push((await unit.get(shelf, "rasp"))?.pieces);
      unit.put(shelf, data);
    });
    expect(seen).toEqual([undefined, 1, 2]);
  });
});

describe("a record that is to come back", () => {
  test("comes back with every later one of its group, unhandled, and holds up no other group", async () => {
    const events = [...group("plane", 4), ...group("level", 2)];
    const { story, failed } = await deliver(events, failing(["plane 2"]));

    expect(failed).toEqual(["plane 2", "plane 3", "plane 4"]);
    const plane = story.filter((line) => line.startsWith("plane"));
    expect(plane).toEqual([
      "plane 1 begins",
      "plane 1 ends",
      "plane 2 begins",
      "plane 2 delayed",
      "plane 4 put back",
      "plane 3 put back",
    ]);
    expect(await workshop.stored(shelf, "level")).toMatchObject({ pieces: 2 });
  });

  test("comes back with them too when the invocation's time was up while it was handled", async () => {
    const { story, failed } = await deliver([...group("vice", 2), ...group("clamp", 1)], handleUntilAborted("vice"), {
      milliseconds: 1_500,
    });
    expect(failed).toEqual(["vice 1", "vice 2"]);
    expect(story).not.toContain("vice 2 begins");
    expect(story).toContain("vice 2 put back");
  });
});

describe("a record that is given up", () => {
  test("lies in the FIFO dead-letter queue, and its group goes on behind it", async () => {
    const events = group("drill", 3);
    const { failed } = await deliver(events, failing(["drill 2"], new PermanentError("no such drill")));

    expect(failed).toEqual([]);
    expect(workshop.deadLetters(events[1]!)).toMatchObject([{ reason: { errorMessage: "no such drill" } }]);
    expect(await workshop.stored(shelf, "drill")).toMatchObject({ pieces: 3 });
  });

  test("and cannot be put there yet holds up its group: it will be handled again", async () => {
    const events = group("lathe", 2);
    const { failed } = await deliver(events, failing(["lathe 1"]), { attempt: received(10, events), deadLettersFail: true });

    expect(failed).toEqual(["lathe 1", "lathe 2"]);
    expect(await workshop.stored(shelf, "lathe")).toBeUndefined();
  });
});

describe("a record that fails because something is unavailable", () => {
  test("keeps its place in the queue, and is not given up for how often it came", async () => {
    const events = group("anvil", 2);
    const down = new RetryLaterError("the forge is cold");
    for (let times = 1; times <= 30; times++) {
      const { story, failed } = await deliver(events, failing(["anvil 1"], down), { attempt: received(times, events) });
      expect(failed).toEqual(["anvil 1", "anvil 2"]);
      expect(story).toEqual(["anvil 1 begins", "anvil 1 delayed", "anvil 2 put back"]);
    }
    const { failed } = await deliver(events, failing([]), { attempt: received(31, events) });
    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "anvil")).toMatchObject({ pieces: 2 });
  });

  test("leaves its own errors as many tries as any", async () => {
    const events = group("tongs", 1);
    let times = 0;
    const attempts = async (count: number, error: Error) => {
      const ends: string[][] = [];
      for (let attempt = 0; attempt < count; attempt++)
        ends.push((await deliver(events, failing(["tongs 1"], error), { attempt: received(++times, events) })).failed);
      return ends.filter((failed) => failed.length > 0).length;
    };
    expect(await attempts(12, new RetryLaterError("the forge is cold"))).toBe(12);
    expect(await attempts(9, new Error("burnt"))).toBe(9);
    expect(await attempts(1, new Error("burnt"))).toBe(0);
    expect(workshop.deadLetters(events[0]!)).toMatchObject([{ reason: { errorMessage: "burnt", attempts: "22" } }]);
  });
});

describe("a record that is held up", () => {
  test("has as many attempts of its own, once it has its turn", async () => {
    const events = group("bolt", 3);
    const failed: string[][] = [];
    for (let times = 1; times <= 20; times++) {
      const left = events.filter((event) => workshop.deadLetters(event).length === 0);
      const delivery = await deliver(left, failing(["bolt 1", "bolt 2"]), { attempt: received(times, left) });
      failed.push(delivery.failed);
    }
    expect(failed.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => ["bolt 1", "bolt 2", "bolt 3"]));
    expect(failed.slice(9, 18)).toEqual(Array.from({ length: 9 }, () => ["bolt 2", "bolt 3"]));
    expect(failed.slice(18)).toEqual([[], []]);
    const attempts = events.map((event) => workshop.deadLetters(event).map(({ reason }) => reason["attempts"]));
    expect(attempts).toEqual([["10"], ["10"], []]);
    expect(await workshop.stored(shelf, "bolt")).toMatchObject({ pieces: 3 });
  });

  test("is not handled when its attempts cannot be read", async () => {
    const events = group("nut", 2);
    const dynamodb = met(workshop.clients.dynamodb, () => {
      throw new Error("DynamoDB is out of order");
    });
    const { story, failed } = await deliver(events, failing([]), { attempt: received(2, events), dynamodb });

    expect(failed).toEqual(["nut 1", "nut 2"]);
    expect(story).toEqual(["nut 1 delayed", "nut 2 delayed"]);
  });
});

describe("groups with a record on which the process has ended", () => {
  const crashOn = (events: readonly Envelope[]) => workshop.crash(events, { fifo: true, attempt: 2 });

  test("run one record at a time and in order, after all others are put back, each once those before are acknowledged", async () => {
    const [calm, wary] = [group("brush", 2), group("bomb", 3)];
    await crashOn(wary.slice(0, 1));
    const { story, failed } = await deliver([...wary, ...calm], failing([]), {
      attempt: received(3, wary),
      milliseconds: 60_000,
    });

    expect(failed).toEqual(["brush 1", "brush 2"]);
    expect(story).toEqual([
      "brush 2 put back",
      "brush 1 put back",
      "bomb 1 begins",
      "bomb 1 ends",
      "bomb 1 acknowledged",
      "bomb 2 begins",
      "bomb 2 ends",
      "bomb 2 acknowledged",
      "bomb 3 begins",
      "bomb 3 ends",
    ]);
  });

  test("come back from the record that fails on, and the next group is handled", async () => {
    const [first, second] = [group("fuse", 3), group("wick", 2)];
    await crashOn([first[0]!, second[0]!]);
    const attempt = { ...received(3, first), ...received(3, second) };
    const { story, failed } = await deliver([...first, ...second], failing(["fuse 2"]), { attempt, milliseconds: 60_000 });

    expect(failed).toEqual(["fuse 2", "fuse 3"]);
    expect(story.filter((line) => line.startsWith("fuse"))).toEqual([
      "fuse 1 begins",
      "fuse 1 ends",
      "fuse 1 acknowledged",
      "fuse 2 begins",
      "fuse 2 delayed",
      "fuse 3 put back",
    ]);
    expect(await workshop.stored(shelf, "wick")).toMatchObject({ pieces: 2 });
  });

  test("that there is no time left for come back as a whole", async () => {
    const [slow, late] = [group("glue", 1), group("paint", 2)];
    await crashOn([slow[0]!, late[0]!]);
    const attempt = { ...received(3, slow), ...received(3, late) };
    const { story, failed } = await deliver([...slow, ...late], handleUntilAborted("glue"), { attempt, milliseconds: 1_000 });

    expect(failed).toEqual(["glue 1", "paint 1", "paint 2"]);
    expect(story).toEqual(["glue 1 begins", "glue 1 delayed", "paint 2 put back", "paint 1 put back"]);
  });
});

/** Handles events of other subjects, and with those of one subject uses up all the time. */
function handleUntilAborted(subject: string): WorkshopHandler {
  return async (event, unit) => {
    if (event.subject === subject) await new Promise(() => {});
    await keep(event, unit);
  };
}
