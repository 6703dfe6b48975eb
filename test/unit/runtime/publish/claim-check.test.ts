import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { createEnvelope, defineEvent, defineService, defineTopic, type Envelope } from "#lib/contracts/index.ts";
import { consumer, createPublisher, EventTooLargeError } from "#lib/runtime/index.ts";
import { prepareMessages } from "#lib/runtime/publish/prepare-message.ts";
import { s3ClaimCheck } from "#lib/runtime/publish/s3-claim-check.ts";
import { invoke, memoryLog, met, shelf, toolMade, toolWanted, watchSentAgain, Workshop } from "../workshop.ts";

const BUCKET = "claims";
const topic = defineTopic({ name: "news", description: "News of any length.", largeEvents: true });
const wanted = defineEvent({ ...toolWanted, schema: toolWanted.schema, topic });
const made = defineEvent({ ...toolMade, schema: toolMade.schema, topic });
const service = defineService("workshop", "Makes tools.", { consumes: [wanted], publishes: [made], owns: [shelf] });
const note = "n".repeat(300 * 1024);

let workshop: Workshop;
let s3: S3Client;
beforeAll(async () => {
  workshop = await Workshop.open();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  s3 = new S3Client({ endpoint: new URL(workshop.config.queueUrl).origin, region: "us-east-1", credentials });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => workshop?.[Symbol.asyncDispose]());

function claimCheck(client: Pick<S3Client, "send"> = s3) {
  return s3ClaimCheck({ bucket: BUCKET, s3: client });
}

/** A large event as a publisher prepares it: what it sends, and what it uploads first. */
function prepare(event: Envelope, client?: S3Client) {
  const [{ message, upload }] = prepareMessages(wanted, event, claimCheck(client));
  if (!upload) throw new Error("expected an event that is too large for a message");
  return { body: message.body, upload };
}

/** S3 that refuses one kind of call. */
function refusing(kind: new (...args: never[]) => object, status: number): S3Client {
  return met(s3, (command) => {
    if (!(command instanceof kind)) return;
    throw new S3ServiceException({
      name: "Refused",
      $fault: "client",
      $metadata: { httpStatusCode: status },
      message: "S3 says no",
    });
  });
}

/** Delivers an event to the workshop, which makes a large one of it; returns the ids that are to come back. */
async function deliver({ id }: Pick<Envelope, "id">, body: string, client?: S3Client): Promise<string[]> {
  const { sqs, sentAgain } = watchSentAgain(workshop.clients.sqs, workshop.config.queueUrl);
  const handle = consumer(
    service,
    {
      async "tool.wanted.v1"({ data }, unit) {
        await unit.get(shelf, data.name);
        unit.put(shelf, { ...data, note: "short" });
        unit.emit(made, { ...data, note });
      },
    },
    { config: workshop.config, clients: { ...workshop.clients, sqs }, log: memoryLog().log, claimCheck: claimCheck(client) },
  );
  return [...(await invoke(handle, [{ messageId: id, body }])), ...sentAgain];
}

/** Takes the next published message, which may have its data elsewhere. */
async function told(): Promise<string | undefined> {
  const QueueUrl = workshop.config.queueUrl.replace(/workshop$/, "told");
  const { Messages } = await workshop.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 600 }));
  return Messages?.[0]?.Body;
}

describe("a large event that a handler emits", () => {
  it("has its data in S3 before anything is committed: when S3 refuses, nothing is kept and nothing published", async () => {
    const event = createEnvelope(wanted, { name: "anvil", pieces: 1 }, { source: "test" });

    expect(await deliver(event, JSON.stringify(event), refusing(PutObjectCommand, 503))).toEqual([event.id]);
    expect(await workshop.stored(shelf, "anvil")).toBeUndefined();
    expect(await told()).toBeUndefined();

    expect(await deliver(event, JSON.stringify(event))).toEqual([]);
    expect(await workshop.stored(shelf, "anvil")).toMatchObject({ pieces: 1 });
    const published = (await told()) ?? "";
    expect(published.length).toBeLessThan(1_000);
    const { name, publishes, owns } = service;
    const reader = defineService(name, "", { consumes: [made], publishes, owns });
    const whole = await claimCheck().redeem(reader, published, new AbortController().signal);
    expect(parseEnvelope(whole)).toMatchObject({ causationid: event.id, data: { name: "anvil", note } });
  });
});

describe("a claim check", () => {
  const redeem = (body: string, client?: S3Client) => claimCheck(client).redeem(service, body, new AbortController().signal);

  it("gives back the event as it was, whatever its id", async () => {
    for (const id of ["plain-1", "../up", "a b/c", "ü%2F", "x".repeat(256)]) {
      const event = createEnvelope(wanted, { name: "saw", pieces: 2, note }, { source: "test", id });
      const { body, upload } = prepare(event);
      await upload();
      expect(parseEnvelope(await redeem(body))).toEqual(event);
    }
  });

  it("keeps apart two events under one id: a second run of a handler cannot change what the first has committed", async () => {
    const [first, second] = [1, 2].map((pieces) =>
      createEnvelope(wanted, { name: "vice", pieces, note }, { source: "test", id: "vice" }),
    );
    const deposits = [first!, second!].map((event) => prepare(event));
    for (const { upload } of deposits) await upload();

    const redeemed = await Promise.all(deposits.map(async ({ body }) => parseEnvelope(await redeem(body))));
    expect(redeemed).toEqual([first, second]);
  });

  it("leaves alone what is no claim, for the consumer to judge", async () => {
    const event = JSON.stringify(createEnvelope(wanted, { name: '"dataref"', pieces: 1 }, { source: "test" }));
    for (const body of [
      event,
      "",
      '"dataref"',
      '{"dataref":',
      '{"dataref":7}',
      '{"dataref":"s3://x/y","data":1,"type":"t","id":"i"}',
    ]) {
      expect(await redeem(body)).toBe(body);
    }
  });

  it.each([403, 404])("takes S3's answer %i for data that is not there: the event comes back", async (status) => {
    const event = createEnvelope(wanted, { name: "hidden", pieces: 1, note }, { source: "test" });
    const { body } = prepare(event);

    await expect(redeem(body, refusing(GetObjectCommand, status))).rejects.toThrow(
      /^the event's data is not at s3:\/\/claims\/news\//,
    );
    expect(await deliver(event, body, refusing(GetObjectCommand, status))).toEqual([event.id]);
  });

  it("leaves order and fair shares as they are: they follow from the data, wherever that lies", () => {
    const fifo = defineEvent({ ...wanted, schema: toolWanted.schema, topic: { ...topic, fifo: true } });
    const fair = defineEvent({ ...wanted, schema: toolWanted.schema, tenant: () => "smithy" });
    const [ordered, shared] = [fifo, fair].map((definition) => {
      const event = createEnvelope(definition, { name: "plane", pieces: 1, note }, { source: "test", id: "plane-1" });
      return prepareMessages(definition, event, claimCheck())[0].message;
    });

    expect(ordered).toMatchObject({ groupId: "plane", deduplicationId: '["test","plane-1"]' });
    expect(shared).toMatchObject({ groupId: "smithy" });
  });

  it("refuses an event whose envelope alone is too large for a message", () => {
    const event = createEnvelope(wanted, { name: "n".repeat(300 * 1024), pieces: 1 }, { source: "test" });

    expect(() => prepare(event)).toThrow(EventTooLargeError);
  });

  it("of another bucket is not read", async () => {
    const event = createEnvelope(wanted, { name: "lure", pieces: 1, note }, { source: "test" });
    const [{ message }] = prepareMessages(wanted, event, s3ClaimCheck({ bucket: "elsewhere", s3 }));

    await expect(redeem(message.body)).rejects.toThrow(
      /^the envelope's "dataref" is "s3:\/\/elsewhere\/.*expected "s3:\/\/claims\//,
    );
  });
});

it("a service on a topic with large events does not start without a claim check", () => {
  const { config, clients } = workshop;
  expect(() => consumer(service, () => {}, { config, clients })).toThrow(
    new Error("service workshop: the topic news takes large events: pass its consumer { claimCheck: s3ClaimCheck() }"),
  );
});

describe("a producer", () => {
  const publisher = (client?: S3Client) => {
    const { topicArns } = workshop.config;
    const { sns } = workshop.clients;
    return createPublisher({ source: "test", topicArns, sns, ...(client && { claimCheck: claimCheck(client) }) });
  };

  it("publishes nothing when the data of one event could not be put into S3", async () => {
    const small = { event: wanted, data: { name: "nail", pieces: 1 } };
    const large = { event: wanted, data: { name: "rope", pieces: 1, note } };

    await expect(publisher(refusing(PutObjectCommand, 503)).publishAll([small, large])).rejects.toThrow("S3 says no");
    expect(await told()).toBeUndefined();
  });

  it("without a claim check is told that it needs one", async () => {
    await expect(publisher().publish(wanted, { name: "rope", pieces: 1, note })).rejects.toThrow(
      /^tool\.wanted\.v1 has \d+ bytes; SNS takes 262144: publish less, or by a claim check$/,
    );
  });
});
