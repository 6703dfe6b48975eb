import { PublishBatchCommand, type PublishBatchRequestEntry, SNSClient } from "@aws-sdk/client-sns";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OutgoingMessage, sendAll } from "#lib/runtime/publish/send.ts";
import { met } from "../workshop.ts";

/** What SNS makes of an entry: takes it, refuses it for a reason of its own or for the sender's, or does not mention it. */
type Answer = "taken" | "refused for now" | "refused for good" | "forgotten";

/** An SNS that keeps the bodies of every request. */
function fakeSns(answer: (body: string, request: number) => Answer = () => "taken") {
  const requests: string[][] = [];
  const taken: string[] = [];
  const sns = met(new SNSClient({ region: "us-east-1" }), (command) => {
    if (!(command instanceof PublishBatchCommand)) throw new Error("expected PublishBatch");
    const entries = command.input.PublishBatchRequestEntries ?? [];
    requests.push(entries.map(bodyOf));
    const answers = entries.map((entry) => ({ entry, answer: answer(bodyOf(entry), requests.length) }));
    const those = (...kinds: Answer[]) => answers.filter((each) => kinds.includes(each.answer));
    taken.push(...those("taken").map(({ entry }) => bodyOf(entry)));
    return {
      Successful: those("taken").map(({ entry }) => ({ Id: entry.Id, MessageId: `id of ${bodyOf(entry)}` })),
      Failed: those("refused for now", "refused for good").map(({ entry, answer: kind }) => ({
        Id: entry.Id,
        Code: "Refused",
        SenderFault: kind === "refused for good",
      })),
    };
  });
  return { sns, requests, taken };
}

function bodyOf({ Message = "" }: PublishBatchRequestEntry): string {
  return Message;
}

/** A message to a FIFO topic: `saw 1` is of the group `saw`. */
function ordered(body: string): OutgoingMessage {
  const groupId = groupOf(body);
  return { topicArn: "arn:topic.fifo", type: "tool.made.v1", body, groupId, deduplicationId: body };
}

function groupOf(body: string): string {
  return body.split(" ")[0]!;
}

const sent = (body: string) => ({ messageId: `id of ${body}` });
const failed = (message: string) => ({ error: expect.objectContaining({ message }) as unknown });
const notSent = failed("not sent: an earlier event of the same subject was not published");

describe("messages to a FIFO topic", () => {
  test("of one group go one after the other, those of several groups together", async () => {
    const { sns, requests } = fakeSns();
    const bodies = ["saw 1", "saw 2", "axe 1", "saw 3", "axe 2"];

    expect(await sendAll(sns, bodies.map(ordered))).toEqual(bodies.map(sent));
    expect(requests).toEqual([["saw 1", "axe 1"], ["saw 2", "axe 2"], ["saw 3"]]);
  });

  test("wait until an earlier one of their group is published, which SNS refused at first", async () => {
    const { sns, taken } = fakeSns((body, request) => (body === "saw 1" && request < 3 ? "refused for now" : "taken"));
    const bodies = ["saw 1", "saw 2"];

    expect(await sendAll(sns, bodies.map(ordered))).toEqual(bodies.map(sent));
    expect(taken).toEqual(bodies);
  });

  test("are not sent after one of their group that was refused, while other groups go on", async () => {
    const { sns, requests } = fakeSns((body) => (body === "saw 2" ? "refused for good" : "taken"));
    const results = await sendAll(sns, ["saw 1", "axe 1", "saw 2", "saw 3", "axe 2", "axe 3", "saw 4"].map(ordered));

    expect(results).toEqual([
      sent("saw 1"),
      sent("axe 1"),
      failed("SNS refused the entry: Refused"),
      notSent,
      sent("axe 2"),
      sent("axe 3"),
      notSent,
    ]);
    expect(requests.flat()).not.toContain("saw 3");
    expect(requests.flat()).not.toContain("saw 4");
  });

  test("are not sent after one that SNS says nothing about: nobody knows whether it was published", async () => {
    const { sns } = fakeSns((body) => (body === "saw 1" ? "forgotten" : "taken"));

    expect(await sendAll(sns, ["saw 1", "saw 2"].map(ordered))).toEqual([failed("SNS gave no answer for this entry"), notSent]);
  });

  test("are not sent after a call that failed", async () => {
    const sns = met(new SNSClient({ region: "us-east-1" }), () => {
      throw new Error("no network");
    });
    expect(await sendAll(sns, ["saw 1", "saw 2"].map(ordered))).toEqual([failed("no network"), notSent]);
  });

  test("are published without a gap, whatever SNS refuses", async () => {
    const message = fc.record({ group: fc.constantFrom("saw", "axe", "file"), refused: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 40 }), async (all) => {
        const bodies = all.map(({ group }, index) => `${group} ${index}`);
        const { sns, taken } = fakeSns((body) => (all[Number(body.split(" ")[1])]?.refused ? "refused for good" : "taken"));
        const results = await sendAll(sns, bodies.map(ordered));

        for (const group of ["saw", "axe", "file"]) {
          const of = bodies.filter((body) => groupOf(body) === group);
          const firstRefused = of.findIndex((body) => all[bodies.indexOf(body)]?.refused);
          const expected = firstRefused < 0 ? of : of.slice(0, firstRefused);
          expect(taken.filter((body) => groupOf(body) === group)).toEqual(expected);
          expect(bodies.filter((body, index) => groupOf(body) === group && "messageId" in results[index]!)).toEqual(expected);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("messages to a standard topic do not wait for others of their tenant", async () => {
  const { sns, requests } = fakeSns();
  const bodies = ["saw 1", "saw 2", "saw 3"];
  await sendAll(
    sns,
    bodies.map((body) => ({ topicArn: "arn:topic", type: "tool.made.v1", body, groupId: "one tenant" })),
  );
  expect(requests).toEqual([bodies]);
});
