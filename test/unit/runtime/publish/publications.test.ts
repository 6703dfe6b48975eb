import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { met, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const tell: WorkshopHandler = ({ data }, unit) => unit.emit(toolMade, data);

/** Clients that keep how many events each request to SNS had. */
function countingSns(meet: (command: PublishBatchCommand) => unknown = () => undefined) {
  const requests: number[] = [];
  const sns = met(workshop.clients.sns, (command) => {
    if (!(command instanceof PublishBatchCommand)) return undefined;
    requests.push(command.input.PublishBatchRequestEntries?.length ?? 0);
    return meet(command);
  });
  return { requests, clients: { ...workshop.clients, sns } };
}

const tools = (count: number) => Array.from({ length: count }, (_, index) => wanted(`tool ${index}`));

describe("the outgoing events of a batch", () => {
  test("are published together: ten records with an event each make one request", async () => {
    const events = tools(10);
    const { requests, clients } = countingSns();
    // A table that answers at once: on a busy machine, ten commits may lie further apart than events wait for each other.
    const dynamodb = met(workshop.clients.dynamodb, () => ({}));
    const { failed } = await workshop.deliver(events, tell, { clients: { ...clients, dynamodb } });

    expect(failed).toEqual([]);
    expect(requests).toEqual([10]);
    for (const event of events) expect(workshop.publishedAfter(event)).toHaveLength(1);
  });

  test("do not wait for a record that is slow", async () => {
    const [fast, slow] = [wanted("fast"), wanted("slow")];
    const published = Promise.withResolvers<void>();
    const { clients } = countingSns(() => published.resolve());
    const { failed } = await workshop.deliver(
      [fast, slow],
      async (event, unit) => {
        // Would never end if the fast one's event waited for it.
        if (event.id === slow.id) await published.promise;
        return tell(event, unit);
      },
      { clients },
    );
    expect(failed).toEqual([]);
  });

  test("bring back the record alone whose event SNS did not take", async () => {
    const events = tools(3);
    const { clients } = countingSns((command) => {
      const entries = command.input.PublishBatchRequestEntries ?? [];
      const isRefused = ({ Message = "" }) => Message.includes('"tool 1"');
      return {
        Successful: entries.filter((entry) => !isRefused(entry)).map(({ Id }) => ({ Id, MessageId: "taken" })),
        Failed: entries.filter(isRefused).map(({ Id }) => ({ Id, Code: "Refused", SenderFault: true })),
      };
    });
    const { failed, log } = await workshop.deliver(events, tell, { clients });

    expect(failed).toEqual([events[1]!.id]);
    expect(log.map(({ message }) => message).toSorted()).toEqual(["event done", "event done", "event failed, retried later"]);
  });
});
