import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { emailSent } from "#events";
import { createEnvelope, defineEvent, defineService, defineTopic, upcastFrom } from "#lib/contracts/index.ts";
import { editedBody, findLetter, replaceLetter } from "#lib/ops/dead-letters/edit.ts";
import { type DeadLetter, letterOf } from "#lib/ops/dead-letters/letter.ts";
import { purgeLetters } from "#lib/ops/dead-letters/purge.ts";
import ledger from "../../../../functions/ledger/service.ts";
import { emailBody, type Faults, FakeDeadLetterQueue, never, reason, shopQueue } from "./queue.ts";

function letterWith(body: string): DeadLetter {
  return letterOf({ MessageId: "m", ReceiptHandle: "h", Body: body }, { of: "handling", name: "shop-dlq" })!;
}

const place = (queue: FakeDeadLetterQueue) => ({ sqs: queue.sqs, from: [queue], signal: never });

describe("editing an event's data", () => {
  const mended = { ...emailSent.example, orderId: "2002" };

  it("keeps the envelope, with all that publishers put there, and lets the subject follow the data", () => {
    const envelope = { ...createEnvelope(emailSent, emailSent.example, { source: "test" }), data: { to: 7 }, tenant: "a" };
    const body = editedBody(ledger, letterWith(JSON.stringify(envelope)), mended);

    expect(JSON.parse(body)).toEqual({ ...envelope, subject: "2002", data: mended });
  });

  it("puts the data of a large event into the event, and refers to the claim check no more", () => {
    const { data: _, ...envelope } = createEnvelope(emailSent, emailSent.example, { source: "test" });
    const claim = { ...envelope, dataref: "s3://claims/one", datahash: "ab" };
    const body = editedBody(ledger, letterWith(JSON.stringify(claim)), mended);

    expect(JSON.parse(body)).toEqual({ ...envelope, subject: "2002", data: mended });
  });

  it("lets the subject of an older version follow the data too", () => {
    const { consumer, older } = parcels();
    const body = JSON.stringify(createEnvelope(older, { name: "old" }, { source: "test" }));

    expect(JSON.parse(editedBody(consumer, letterWith(body), { name: "new" }))).toMatchObject({
      type: older.type,
      subject: "new",
    });
  });

  it("refuses data that leads to a subject which the service refuses", () => {
    const { consumer, older } = parcels();
    const body = JSON.stringify(createEnvelope(older, { name: "old" }, { source: "test" }));

    expect(() => editedBody(consumer, letterWith(body), { name: "" })).toThrow('"subject"');
  });

  it("gives the event another id where that is asked for", () => {
    const body = editedBody(ledger, letterWith(emailBody("e1")), mended, "e1-mended");

    expect(JSON.parse(body)).toMatchObject({ id: "e1-mended", data: mended });
  });

  it.each<[what: string, body: string, data: unknown, message: string]>([
    ["data that breaks the contract", emailBody("e1"), { ...mended, to: 7 }, "email.sent.v1: data.to: "],
    ["data with half a character", emailBody("e1"), { ...mended, subject: "\ud800" }, '"subject" has half a surrogate pair'],
    ["a type that the service does not know", emailBody("e1").replace("email.sent.v1", "x.y.v1"), mended, '"x.y.v1"'],
    ["an envelope without an id", emailBody("e1").replace('"id"', '"di"'), mended, 'the envelope\'s "id" is missing'],
    ["a body that is no event", "{oops", mended, "there is no envelope to keep"],
    ["a body that is a list", "[]", mended, "there is no envelope to keep"],
  ])("refuses %s, and says what is wrong", (_, body, data, message) => {
    expect(() => editedBody(ledger, letterWith(body), data)).toThrow(message);
  });
});

/** A service that knows an older version of its event too. */
function parcels() {
  const topic = defineTopic({ name: "parcels", description: "Parcels." });
  const schema = v.object({ name: v.string() });
  const common = {
    topic,
    description: "A parcel was sent.",
    subject: ({ name }: { name: string }) => name,
    example: { name: "a" },
  };
  const older = defineEvent({ ...common, type: "parcel.sent.v1", schema });
  const newer = defineEvent({
    ...common,
    type: "parcel.sent.v2",
    schema,
    upcasts: [upcastFrom(older, ({ name }) => ({ name: `upcast ${name}` }))],
  });
  return { older, consumer: defineService("shop", "A shop.", { consumes: [newer], publishes: [], owns: [] }) };
}

describe("replacing a letter by its edited event", () => {
  const edited = emailBody("edited");

  async function replace(faults: Faults = {}, service?: typeof shopQueue) {
    const queue = new FakeDeadLetterQueue(faults);
    queue.put(emailBody("other"), reason);
    queue.put(emailBody("wrong"), { ...reason, redrives: "1" });
    const letter = await findLetter(place(queue), "wrong");
    const replaced = replaceLetter(place(queue), letter, edited, service);
    return { queue, result: await replaced.catch((error: unknown) => error) };
  }

  it("puts the edited event into the dead-letter queue with what is known of it but the stack, then deletes the former", async () => {
    const { queue, result } = await replace();

    expect(result).toBe("letter-3");
    expect(queue.calls).toEqual([`send ${edited}`, "delete letter-2"]);
    expect(queue.visible).toEqual(["letter-1", "letter-3"]);
    const { errorStack: _, ...kept } = reason;
    const attributes = Object.entries(queue.sent[0]?.MessageAttributes ?? {});
    expect(Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue]))).toEqual({
      ...kept,
      redrives: "1",
      edited: expect.stringMatching(/^\d{4}-/),
    });
  });

  it("sends it straight back to the service where that is asked for, then deletes the former", async () => {
    const { queue } = await replace({}, shopQueue);

    expect(queue.calls).toEqual([`send ${edited}`, "delete letter-2"]);
    expect(queue.sent).toMatchObject([{ QueueUrl: shopQueue.url, MessageAttributes: { redrives: { StringValue: "2" } } }]);
    expect(queue.visible).toEqual(["letter-1"]);
  });

  it("on a FIFO queue puts the event into the group of its new subject, and takes another edit for another message", async () => {
    const queue = new FakeDeadLetterQueue({}, { name: "shop-dlq.fifo" });
    const to = { name: "shop.fifo", url: "https://sqs.example/1/shop.fifo" };
    const subject = (name: string) => JSON.stringify({ ...JSON.parse(emailBody("e1")), subject: name });
    for (const edit of ["one", "two"]) {
      const id = queue.put(subject("old"), reason, { groupId: "old" });
      await replaceLetter(place(queue), await findLetter(place(queue), id), subject(edit), to);
    }

    expect(queue.sent.map(({ MessageGroupId }) => MessageGroupId)).toEqual(["one", "two"]);
    const ids = queue.sent.map(({ MessageDeduplicationId }) => MessageDeduplicationId);
    expect(new Set(ids).size).toBe(2);
  });

  it("on a FIFO queue is sent again after a delete that failed, if it is another edit of the same letter", async () => {
    let deletes = 0;
    const queue = new FakeDeadLetterQueue(
      {
        onDelete: () => {
          if (++deletes === 1) throw new Error("timeout");
        },
      },
      { name: "shop-dlq.fifo" },
    );
    const letter = await findLetter(place(queue), queue.put(emailBody("e1"), reason, { groupId: "g" }));
    const to = { name: "shop.fifo", url: "https://sqs.example/1/shop.fifo" };
    await expect(replaceLetter(place(queue), letter, emailBody("one"), to)).rejects.toThrow("could not be deleted");
    await replaceLetter(place(queue), letter, emailBody("two"), to);

    const ids = queue.sent.map(({ MessageDeduplicationId }) => MessageDeduplicationId);
    expect(new Set(ids).size).toBe(2);
  });

  it("keeps the former letter when the edited one cannot be sent", async () => {
    const { queue, result } = await replace({
      onSend: () => {
        throw new Error("too large");
      },
    });

    expect(result).toEqual(new Error("too large"));
    expect(queue.visible).toEqual(["letter-1", "letter-2"]);
  });

  it("says so when both are there in the end", async () => {
    const { queue, result } = await replace({
      onDelete: () => {
        throw new Error("access denied");
      },
    });

    expect(String(result)).toContain("is sent (message letter-3), but the letter letter-2 could not be deleted");
    expect(queue.visible).toEqual(["letter-1", "letter-2", "letter-3"]);
  });

  it("changes nothing when the letter is gone, or its event has several", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("twice"), reason);
    queue.put(emailBody("twice"), reason);

    await expect(findLetter(place(queue), "twice")).rejects.toThrow(
      "the event twice has 2 letters: give the message id of one: letter-1, letter-2",
    );
    await expect(findLetter(place(queue), "none")).rejects.toThrow("there is no letter none in shop-dlq");
    await expect(replaceLetter(place(queue), letterWith("{}"), edited)).rejects.toThrow("there is no letter m in shop-dlq");
    expect(queue.calls).toEqual([]);
  });
});

describe("purging letters", () => {
  /** Purges the letters of these message ids, and notes what was kept, in one story with what was deleted. */
  async function purge(queue: FakeDeadLetterQueue, ids: readonly string[] = queue.ids, keep = async () => {}) {
    const kept: string[] = [];
    const result = await purgeLetters({
      ...place(queue),
      confirmed: new Set(ids),
      keep: async (letters) => {
        await keep();
        for (const { messageId } of letters) queue.calls.push(`keep ${messageId}`);
      },
      onDeleted: ({ messageId }) => kept.push(messageId),
    });
    return { ...result, kept };
  }

  it("keeps letters elsewhere before it deletes them, and leaves the others", async () => {
    const queue = new FakeDeadLetterQueue();
    for (const id of ["a", "b", "c"]) queue.put(emailBody(id), reason);
    const { deleted } = await purge(queue, ["letter-1", "letter-3"]);

    expect(deleted).toBe(2);
    expect(queue.calls).toEqual(["keep letter-1", "keep letter-3", "delete letter-1", "delete letter-3"]);
    expect(queue.visible).toEqual(["letter-2"]);
  });

  it("counts what was confirmed and is not handed out again: it was not deleted", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("a"), reason);
    expect(await purge(queue, ["letter-1", "letter-7"])).toMatchObject({ deleted: 1, missing: 1, errors: [] });
  });

  it("deletes nothing that could not be kept", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("a"), reason);

    const full = new Error("no room on the disk");
    const result = await purge(queue, undefined, () => Promise.reject(full));

    expect(result).toMatchObject({ deleted: 0, error: full });
    expect(queue.visible).toEqual(["letter-1"]);
  });

  it("leaves letters that came after it was agreed to, whatever time they say", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("a"), reason, { sentAt: 99 });
    const agreed = queue.ids;
    // SQS keeps the first enqueue time of a message that it moves.
    queue.put(emailBody("b"), {}, { sentAt: 50 });
    const { deleted } = await purge(queue, agreed);

    expect(deleted).toBe(1);
    expect(queue.visible).toEqual(["letter-2"]);
  });

  it("says how many were deleted when a receive fails midway", async () => {
    let receives = 0;
    const throttled = new Error("Rate exceeded");
    const queue = new FakeDeadLetterQueue({
      onReceive: () => {
        if (++receives === 2) throw throttled;
      },
    });
    for (let index = 0; index < 15; index++) queue.put(emailBody(`e${index}`), reason);

    expect(await purge(queue)).toMatchObject({ deleted: 10, error: throttled });
    expect(queue.visible).toHaveLength(5);
  });

  it("says what could not be deleted", async () => {
    const queue = new FakeDeadLetterQueue({
      onDelete: () => {
        throw new Error("access denied");
      },
    });
    queue.put(emailBody("a"), reason);
    const { deleted, errors } = await purge(queue);

    expect({ deleted, errors }).toEqual({ deleted: 0, errors: [new Error("access denied")] });
    expect(queue.visible).toEqual(["letter-1"]);
  });
});
