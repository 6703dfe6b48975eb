import { describe, expect, test } from "vitest";
import { EventSourceMapping } from "#lib/laptop/services/lambda/mappings/event-source-mapping.ts";
import { inspect } from "#lib/laptop/services/sqs/inspected.ts";
import { PolledQueue } from "#lib/laptop/services/sqs/source-queue.ts";
import { queuesOfTest } from "../../sqs/queues-of-test.ts";
import { defaults, eventually, mappingOf, turns } from "./mapping-support.ts";
import { cleanUps, sandboxOf } from "../sandbox/sandbox-support.ts";

describe("an event source mapping on the real queue engine", () => {
  function engineQueue(name: string) {
    const { queues } = queuesOfTest();
    cleanUps.push(() => queues.close());
    const stored = queues.create(name, {});
    let sent = 0;
    const send = (body: string, groupId?: string) =>
      stored.send({ body, ...(groupId !== undefined && { groupId, deduplicationId: String((sent += 1)) }) });
    return { queue: new PolledQueue(stored), messages: () => inspect(stored).messages, send };
  }

  test("a real function drains it, and only the failed message stays", async () => {
    const { sandbox, invocations } = sandboxOf(`export const handler = async ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({ itemIdentifier: messageId })),
    });`);
    const { queue, messages, send } = engineQueue("orders");
    const mapping = new EventSourceMapping({ ...defaults, reportBatchItemFailures: true }, queue, sandbox);
    mapping.start();
    cleanUps.push(() => mapping.stop());
    for (let index = 0; index < 50; index += 1) send(index === 20 ? "bad" : "good");
    await eventually(() => expect(queue.counts).toEqual({ ready: 0, inFlight: 1, delayed: 0 }));
    expect(messages()).toMatchObject([{ body: "bad", state: "in flight" }]);
    expect(invocations().map(({ records }) => records)).toEqual([10, 10, 10, 10, 10]);
  });

  test("records of one FIFO group are never in two batches at once, those of others are", async () => {
    const { queue, send } = engineQueue("orders.fifo");
    for (const body of ["a1", "a2", "b1"]) send(body, body.slice(0, 1));
    const { function: fn } = mappingOf({ batchSize: 1 }, queue);
    const batches = () => fn.invocations.map(({ records }) => records.map(({ body }) => body).join());
    await turns();
    expect(batches()).toEqual(["a1", "b1"]);
    fn.invocations[1]?.succeed();
    await turns();
    expect(batches()).toEqual(["a1", "b1"]);
    fn.invocations[0]?.succeed();
    await eventually(() => expect(batches()).toEqual(["a1", "b1", "a2"]));
  });

  test("records of one FIFO group are in one batch in their order, and what comes meanwhile waits for its end", async () => {
    const { queue, send } = engineQueue("orders.fifo");
    for (const body of ["a1", "b1", "a2", "b2", "a3"]) send(body, body.slice(0, 1));
    const { function: fn } = mappingOf({ batchSize: 3 }, queue);
    const batches = () => fn.invocations.map(({ records }) => records.map(({ body }) => body).join());
    await eventually(() => expect(batches()).toEqual(["a1,a2,a3", "b1,b2"]));
    send("a4", "a");
    fn.invocations[1]?.succeed();
    await turns();
    expect(batches()).toEqual(["a1,a2,a3", "b1,b2"]);
    fn.invocations[0]?.succeed();
    await eventually(() => expect(batches()).toEqual(["a1,a2,a3", "b1,b2", "a4"]));
  });
});
