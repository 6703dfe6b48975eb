import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Envelope } from "#lib/contracts/index.ts";
import { type DeliveryOptions, met, shelf, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const keep: WorkshopHandler = ({ data }, unit) => unit.put(shelf, data, { overwrite: true });

/** Delivers a batch, and tells what was begun, sent again and acknowledged, in that order, by the names of the tools. */
async function deliver(events: readonly Envelope[], options: DeliveryOptions, handler = keep) {
  const story: string[] = [];
  const nameOf = (id = "") => events.find((event) => id.includes(event.id))?.subject ?? "unknown";
  const sqs = met(workshop.clients.sqs, (command) => {
    if (command instanceof SendMessageCommand && command.input.QueueUrl === workshop.config.queueUrl)
      story.push(`${nameOf(command.input.MessageBody)} sent again`);
    if (!(command instanceof DeleteMessageBatchCommand)) return undefined;
    story.push(...(command.input.Entries ?? []).map(({ ReceiptHandle }) => `${nameOf(ReceiptHandle)} acknowledged`));
    return { Successful: [], Failed: [] };
  });
  const delivery = await workshop.deliver(
    events,
    (event, unit) => {
      story.push(`${event.subject} begins`);
      return handler(event, unit);
    },
    { ...options, clients: { ...workshop.clients, sqs } },
  );
  return { ...delivery, story };
}

/** Ids of some events, with how often each has been received. */
function received(times: number, events: readonly Envelope[]): Record<string, number> {
  return Object.fromEntries(events.map(({ id }) => [id, times]));
}

test("events that came often, and on which no process has ended, are handled side by side", async () => {
  const events = ["axe", "saw", "adze"].map((name) => wanted(name));
  const { story, failed } = await deliver(events, { receives: 9 });

  expect(failed).toEqual([]);
  expect(story.toSorted()).toEqual(["adze begins", "axe begins", "saw begins"]);
});

test("an event that comes for the first time costs no read and no write for the care", async () => {
  const [first, second] = [wanted("file"), wanted("file")];
  const calls: string[] = [];
  const dynamodb = met(workshop.clients.dynamodb, (command) => {
    const text = JSON.stringify(command);
    if ([first, second].some(({ id }) => text.includes(`handling#workshop#${id}`))) calls.push(command.constructor.name);
  });
  const clients = { ...workshop.clients, dynamodb };
  await workshop.deliver([first], keep, { clients });
  expect(calls).toEqual([]);
  await workshop.deliver([second], keep, { clients, receives: 2 });
  expect(calls).toEqual(["GetItemCommand", "PutItemCommand"]);
});

describe("an event on which a process has ended", () => {
  test("is handled alone: the others of its batch are sent back first, at the cost of no receive", async () => {
    const [bomb, axe] = [wanted("bomb"), wanted("axe")];
    await workshop.crash([bomb], { receives: 2 });
    const { story, failed } = await deliver([bomb, axe], { receives: received(3, [bomb]) });

    expect(story).toEqual(["axe sent again", "axe acknowledged", "bomb begins"]);
    expect(failed).toEqual([axe.id]);
    expect(await workshop.stored(shelf, "bomb")).toMatchObject({ pieces: 1 });
  });

  test("waits until those that were handled before it are acknowledged", async () => {
    const events = ["fuse", "wick", "cap"].map((name) => wanted(name));
    await workshop.crash(events, { receives: 2 });
    const { story } = await deliver(events, { receives: 3 });

    expect(story).toEqual(["fuse begins", "fuse acknowledged", "wick begins", "wick acknowledged", "cap begins"]);
  });

  test("is left for another invocation where SQS fails to delete what was handled before it", async () => {
    const events = ["fuse", "wick"].map((name) => wanted(name));
    await workshop.crash(events, { receives: 2 });
    const sqs = met(workshop.clients.sqs, (command) => {
      if (!(command instanceof DeleteMessageBatchCommand)) return undefined;
      const Failed = (command.input.Entries ?? []).map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false }));
      return { Successful: [], Failed };
    });
    const begun: string[] = [];
    const { log } = await workshop.deliver(
      events,
      (event, unit) => {
        begun.push(event.subject);
        return keep(event, unit);
      },
      { receives: 3, clients: { ...workshop.clients, sqs } },
    );

    expect(begun).toEqual(["fuse"]);
    expect(log.map(({ message }) => message)).toContain(
      "event not handled, retried later: others could not be acknowledged before it",
    );
    expect(JSON.stringify(log.map(({ details }) => String(details["error"])))).toContain(
      "1 of 1 messages are not deleted: InternalError",
    );
  });

  test("comes after those on which the process has not ended alone", async () => {
    const [bomb, fuse] = [wanted("bomb"), wanted("fuse")];
    await workshop.crash([bomb, fuse], { receives: 2 });
    await workshop.crash([bomb], { receives: 3 });
    const { story } = await deliver([bomb, fuse], { receives: { [bomb.id]: 4, [fuse.id]: 3 } });

    expect(story).toEqual(["fuse begins", "fuse acknowledged", "bomb begins"]);
  });

  test("is sent back when too little time is left, and is alone the next time too", async () => {
    const [slow, late] = [wanted("glue"), wanted("paint")];
    await workshop.crash([slow, late], { receives: 2 });
    const dry: WorkshopHandler = async (event, unit) => {
      if (event.subject === "glue") await new Promise((resolve) => setTimeout(resolve, 1_100));
      return keep(event, unit);
    };
    const { story } = await deliver([slow, late], { receives: 3, milliseconds: 2_000 }, dry);
    expect(story).toEqual(["glue begins", "paint sent again", "paint acknowledged"]);
  });

  test("is no suspect any more once it has come to an end of its own", async () => {
    const [hinge, axe] = [wanted("hinge"), wanted("axe")];
    await workshop.crash([hinge], { receives: 2 });
    await deliver([hinge], { receives: 3 }, () => {
      throw new Error("rusty");
    });
    const { story } = await deliver([hinge, axe], { receives: received(2, [hinge]) });
    expect(story.toSorted()).toEqual(["axe begins", "hinge begins"]);
  });

  test("is dead on its last receive, with that reason and unhandled, if it was alone", async () => {
    const bomb = wanted("bomb");
    for (let receives = 2; receives < 10; receives++) await workshop.crash([bomb], { receives });
    const { story, log } = await deliver([bomb], { receives: 10 });

    expect(story).toEqual([]);
    expect(log.map(({ message }) => message)).toEqual(["event dead"]);
    expect(workshop.deadLetters(bomb)).toMatchObject([{ reason: { errorName: "ProcessEndedError", attempts: "10" } }]);
  });
});

test("an event that may have ended a process is handled although its mark cannot be read", async () => {
  const event = wanted("lathe");
  let reads = 0;
  const dynamodb = met(workshop.clients.dynamodb, (command) => {
    if (command instanceof GetItemCommand && ++reads === 1) throw new Error("DynamoDB is too busy");
  });
  const { failed } = await workshop.deliver([event], keep, { receives: 4, clients: { ...workshop.clients, dynamodb } });

  expect(failed).toEqual([]);
  expect(await workshop.stored(shelf, "lathe")).toMatchObject({ pieces: 1 });
});

test("events that may have ended a process come back later, each by itself, when no mark can be made", async () => {
  const events = [wanted("bolt"), wanted("nut")];
  const dynamodb = met(workshop.clients.dynamodb, (command) => {
    if (command instanceof PutItemCommand) throw new Error("DynamoDB is too busy");
  });
  const { failed } = await workshop.deliver(events, keep, { receives: 4, clients: { ...workshop.clients, dynamodb } });

  expect(failed).toEqual(events.map(({ id }) => id));
  expect(await workshop.stored(shelf, "bolt")).toBeUndefined();
});
