import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { createEnvelope } from "#lib/contracts/index.ts";
import { createRelay, type RelayHandler, type StreamRecord } from "#lib/runtime/relay/relay.ts";
import { memoryLog, met, toolMade, Workshop } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** A relay, with an SNS that refuses the tools for which `refuses` says so. */
function relayOf(refuses: (name: string) => boolean = () => false) {
  const { log, lines } = memoryLog();
  const sns = met(workshop.clients.sns, (command) => {
    if (!(command instanceof PublishBatchCommand)) return;
    if (command.input.PublishBatchRequestEntries?.some(({ Message = "" }) => refuses(nameIn(Message)))) {
      throw new Error("SNS is out of order");
    }
  });
  return { relay: createRelay({ topicArn: (topic) => workshop.config.topicArns.get(topic), sns, log }), lines };
}

/** A record of the stream: a request that has emitted a tool of each name. */
function change(sequenceNumber: string, names: readonly string[], topic = "news"): StreamRecord {
  const outgoing = names.map((name) => {
    const event = createEnvelope(toolMade, { name, pieces: 1 }, { source: "workshop", id: name });
    return { topic, type: toolMade.type, body: JSON.stringify(event) };
  });
  return { dynamodb: { SequenceNumber: sequenceNumber, NewImage: marshall({ forRelay: true, outgoing }) } };
}

async function failuresOf(relay: RelayHandler, Records: StreamRecord[]): Promise<string[]> {
  const { batchItemFailures } = await relay({ Records });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

/** The name of the tool that a message is about. */
function nameIn(body: string): string {
  return parseEnvelope(body).id;
}

/** The names of the tools published so far, each as often as it was. */
const publishedNames = (prefix: string) =>
  workshop
    .published()
    .map(({ id }) => id)
    .filter((name) => name.startsWith(prefix));

test("what requests have emitted is published as they wrote it", async () => {
  const { relay } = relayOf();
  expect(await failuresOf(relay, [change("1", ["a1", "a2"]), change("2", ["a3"])])).toEqual([]);
  expect(publishedNames("a").toSorted()).toEqual(["a1", "a2", "a3"]);
});

test("a record that is not readable comes again, and holds up no other", async () => {
  const { relay } = relayOf();
  const unreadable = {
    dynamodb: { SequenceNumber: "1", NewImage: marshall({ forRelay: true, outgoing: [{ topic: "news" }] }) },
  };
  expect(await failuresOf(relay, [unreadable, change("2", ["u1"])])).toEqual(["1"]);
  expect(publishedNames("u")).toEqual(["u1"]);
});

test("requests whose events SNS does not take come again, and what was published behind them is not published twice", async () => {
  let isDown = true;
  const { relay, lines } = relayOf((name) => isDown && name === "b0");
  // A call takes ten: the first one fails as a whole, the second one does not.
  const batch = Array.from({ length: 11 }, (_, index) => change(String(index), [`b${index}`]));
  expect(await failuresOf(relay, batch)).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
  expect(publishedNames("b")).toEqual(["b10"]);
  expect(lines).toContainEqual(expect.objectContaining({ level: "warn", message: "request not relayed, tried again" }));

  isDown = false;
  expect(await failuresOf(relay, batch)).toEqual([]);
  expect(publishedNames("b").toSorted()).toEqual(Array.from({ length: 11 }, (_, index) => `b${index}`).toSorted());
});

test("an event of a topic that the service may no longer publish to holds back nothing but its own request", async () => {
  const { relay, lines } = relayOf();
  expect(await failuresOf(relay, [change("1", ["c1"], "gone"), change("2", ["c2"])])).toEqual(["1"]);
  expect(publishedNames("c")).toEqual(["c2"]);
  expect(lines.find(({ level }) => level === "warn")?.details["error"]).toMatchObject({
    message: 'tool.made.v1 is committed, but the service does not publish to "gone": deploy a version of it that does',
  });
});

test("what is published behind a request that failed is not published twice, whatever other shards hand out in between", async () => {
  const { relay } = relayOf();
  const batch = [change("1", ["d1"], "gone"), change("2", ["d2", "d3"])];
  expect(await failuresOf(relay, batch)).toEqual(["1"]);
  expect(await failuresOf(relay, [change("3", ["d4"])])).toEqual([]);
  expect(await failuresOf(relay, batch)).toEqual(["1"]);
  expect(publishedNames("d").toSorted()).toEqual(["d2", "d3", "d4"]);
});

test("of a request whose events were published in part, only the others are published again", async () => {
  let isDown = true;
  const { relay } = relayOf((name) => isDown && name === "e10");
  // A call takes ten: the first one succeeds, the second one fails.
  const names = Array.from({ length: 11 }, (_, index) => `e${index}`);
  expect(await failuresOf(relay, [change("1", names)])).toEqual(["1"]);
  isDown = false;
  expect(await failuresOf(relay, [change("1", names)])).toEqual([]);
  expect(publishedNames("e").toSorted()).toEqual(names.toSorted());
});
