import { type Message, SendMessageCommand, type SendMessageCommandInput, type SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { exportLine } from "#lib/ops/dead-letters/export-line.ts";
import { importLetter, parseExportLine, queueOf } from "#lib/ops/dead-letters/import-letter.ts";
import { letterOf } from "#lib/ops/dead-letters/letter.ts";
import type { ServiceQueues } from "#lib/ops/dead-letters/queues.ts";
import { sendBack } from "#lib/ops/dead-letters/send.ts";
import { emailBody, reason, shopQueue } from "./queue.ts";

const SENT_AT = Date.parse("2026-11-01T00:00:00.000Z");

const attribute = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
const reasons = Object.fromEntries(Object.entries(reason).map(([name, text]) => [name, attribute(text)]));

function letter(message: Message, of: "handling" | "delivery" = "handling") {
  return letterOf({ MessageId: "m1", ReceiptHandle: "r", Body: emailBody("e1"), ...message }, { of, name: `shop-${of}` })!;
}

/** What a call sends to SQS. */
async function sent(work: (sqs: Pick<SQSClient, "send">) => Promise<unknown>): Promise<SendMessageCommandInput> {
  let input: SendMessageCommandInput | undefined;
  const send = async (command: unknown) => {
    if (command instanceof SendMessageCommand) input = command.input;
    return { MessageId: "new" };
  };
  await work({ send } as Pick<SQSClient, "send">);
  if (!input) throw new Error("nothing was sent");
  return input;
}

function imported(line: string, name = "shop-dlq"): Promise<SendMessageCommandInput> {
  return sent((sqs) => importLetter(sqs, parseExportLine(line), { name, url: "https://sqs.example/1/dlq" }));
}

describe("a letter that was exported", () => {
  it("is imported with its body, its reason and its own attributes", async () => {
    const attributes = {
      ...reasons,
      redrives: attribute("2", "Number"),
    };
    const body = `${emailBody("e1")}\n`;
    const input = await imported(exportLine(letter({ Body: body, MessageAttributes: attributes })));

    expect(input).toMatchObject({ MessageBody: body, MessageAttributes: attributes });
    expect(Object.keys(input.MessageAttributes ?? {})).toHaveLength(10);
  });

  it("keeps bytes, the group, and when it was first sent, if SQS or SNS moved it", async () => {
    const MessageAttributes = { photo: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255, 7]) } };
    const Attributes = { SentTimestamp: String(SENT_AT), MessageGroupId: "order-1" };
    const input = await imported(exportLine(letter({ MessageAttributes, Attributes }, "delivery")), "shop-undelivered.fifo");

    expect(input.MessageGroupId).toBe("order-1");
    expect(input.MessageDeduplicationId).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(input.MessageAttributes?.["photo"]?.BinaryValue ?? [])).toEqual(Buffer.from([0, 255, 7]));
    expect(input.MessageAttributes?.["firstReceivedAt"]?.StringValue).toBe("2026-11-01T00:00:00.000Z");
  });

  it("keeps ten attributes, SQS's limit, and gives up the time for them", async () => {
    const MessageAttributes = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`a${index}`, attribute("x")]));
    const Attributes = { SentTimestamp: String(SENT_AT) };
    const input = await imported(exportLine(letter({ MessageAttributes, Attributes })));
    expect(input.MessageAttributes).toEqual(MessageAttributes);
  });

  it("can be one that SQS gave no time for", () => {
    expect(JSON.parse(exportLine(letter({ Attributes: {} })))).not.toHaveProperty("sentAt");
  });

  it.each([
    ["{oops", "not JSON"],
    ["[]", "not a line of `fanfare dlq export`"],
    ['{"of":"handling","queue":"q","messageId":"m","body":7}', "body"],
    ['{"of":"handling","queue":"q","messageId":"m","body":"b","attributes":{"a":{"DataType":7}}}', "attributes.a.DataType"],
  ])("is refused where the line is %s", (line, message) => {
    expect(() => parseExportLine(line)).toThrow(message);
  });
});

describe("the queue of an imported letter", () => {
  const queue = { url: "u", waiting: 0, held: 0, waitSeconds: 0 };
  const queues: ServiceQueues = {
    service: "shop",
    ...shopQueue,
    deadLetters: { ...queue, name: "shop-dlq", of: "handling" },
    undelivered: [{ ...queue, name: "shop-delivery", of: "delivery" }],
  };

  it("is the service's dead-letter queue, or that of the subscription it came from", () => {
    expect(queueOf(parseExportLine(exportLine(letter({ MessageAttributes: reasons }))), queues).name).toBe("shop-dlq");
    expect(queueOf(parseExportLine(exportLine(letter({}, "delivery"))), queues).name).toBe("shop-delivery");
  });

  it("is none where the letter is another service's", () => {
    const foreign = letter({ MessageAttributes: { ...reasons, consumer: attribute("payments") } });

    expect(() => queueOf(parseExportLine(exportLine(foreign)), queues)).toThrow(
      "a letter of the service payments, not of shop",
    );
  });
});

describe("a message of another origin", () => {
  it("keeps all its attributes on its way back, one called errorName too", async () => {
    const attributes = { errorName: attribute("X"), tenant: attribute("acme") };
    const { MessageAttributes } = await sent((sqs) =>
      sendBack(sqs, letter({ MessageAttributes: attributes }, "delivery"), shopQueue),
    );

    expect(MessageAttributes).toMatchObject(attributes);
  });
});
