import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { GetItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PermanentError } from "#lib/runtime/index.ts";
import { met, shelf, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const never = new Promise<never>(() => {});
const INVOCATION_MILLISECONDS = 6_000;

/** Clients of which one kind of call is never answered, not even when it is aborted. */
function hanging(kind: new (...args: never[]) => object) {
  const { dynamodb, sns, sqs } = workshop.clients;
  const hang = <Client extends object>(client: Client) =>
    met(client, (command) => (command instanceof kind ? never : undefined));
  return { dynamodb: hang(dynamodb), sns: hang(sns), sqs: hang(sqs) };
}

const make: WorkshopHandler = async ({ data }, unit) => {
  await unit.get(shelf, data.name);
  unit.put(shelf, data);
  unit.emit(toolMade, data);
};

describe("an invocation ends in time, and the event comes back,", () => {
  test.concurrent.each<[string, new (...args: never[]) => object, WorkshopHandler]>([
    ["when SNS does not answer", PublishBatchCommand, make],
    ["when the table does not answer a read", GetItemCommand, make],
    ["when the table does not answer a commit", TransactWriteItemsCommand, make],
    [
      "when SQS does not answer for the dead-letter queue",
      SendMessageCommand,
      () => {
        throw new PermanentError("no such tool");
      },
    ],
    [
      "when SQS does not answer for the queue",
      SendMessageCommand,
      () => {
        throw new Error("out of wood");
      },
    ],
  ])("%s", async (_, kind, handler) => {
    const event = wanted("anvil");
    const began = performance.now();
    const { failed } = await workshop.deliver([event], handler, {
      clients: hanging(kind),
      milliseconds: INVOCATION_MILLISECONDS,
    });
    expect(failed).toEqual([event.id]);
    expect(performance.now() - began).toBeLessThan(INVOCATION_MILLISECONDS);
  });
});
