import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, runResources } from "../../../support/cloud-support.ts";

/*
 * The Query protocol of SQS, as AWS CLIs of before 2023 speak it. The forms of the first test are what Debian's awscli 2.9.19 and
 * pip's 1.22.101 sent; the elements of the answers are those of the SQS API reference, version 2012-11-05.
 */

const Inbox = { Type: "AWS::SQS::Queue", Properties: { QueueName: "inbox" } };
const VERSION = "2012-11-05";
const SIGNATURE =
  "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=f61ca9";

interface Answer {
  readonly status: number;
  readonly xml: string;
  /** The texts of all elements of a name. */
  readonly texts: (element: string) => string[];
}

async function send(url: string, request: RequestInit): Promise<Answer> {
  const response = await fetch(url, request);
  const xml = await response.text();
  expect(response.headers.get("content-type")).toBe("text/xml");
  const texts = (element: string) =>
    [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map(([, text = ""]) => unescape(text));
  return { status: response.status, xml, texts };
}

function unescape(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#xD": "\r", amp: "&" };
  return text.replaceAll(/&([^;]+);/g, (_, name: string) => characters[name] ?? "?");
}

/** Posts a form as the CLIs do. */
function post(url: string, body: string): Promise<Answer> {
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8", authorization: SIGNATURE };
  return send(url, { method: "POST", headers, body });
}

/** Calls an action on the queue `inbox`. */
function call(cloud: Cloud, Action: string, parameters: Record<string, string> = {}): Promise<Answer> {
  const QueueUrl = `${cloud.endpoint}/000000000000/inbox`;
  return post(cloud.endpoint, new URLSearchParams({ Action, Version: VERSION, QueueUrl, ...parameters }).toString());
}

test("what older AWS CLIs send is sent and received, attributes in text and in bytes included", async () => {
  const cloud = await runResources({ Inbox });
  const queue = encodeURIComponent(`${cloud.endpoint}/000000000000/inbox`);
  const sent = await post(
    cloud.endpoint,
    `Action=SendMessage&Version=2012-11-05&QueueUrl=${queue}&MessageBody=a+b%26c%3D%22%C3%A9%22` +
      "&MessageAttribute.1.Name=type&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=x" +
      "&MessageAttribute.2.Name=raw&MessageAttribute.2.Value.DataType=Binary&MessageAttribute.2.Value.BinaryValue=AAEC",
  );
  expect(sent.status).toBe(200);
  expect(sent.xml).toMatch(
    /^<\?xml version="1.0"\?><SendMessageResponse xmlns="http:\/\/queue.amazonaws.com\/doc\/2012-11-05\/"><SendMessageResult>/,
  );
  expect(sent.texts("RequestId")).toHaveLength(1);
  const received = await post(
    cloud.endpoint,
    `Action=ReceiveMessage&Version=2012-11-05&QueueUrl=${queue}&AttributeName.1=All&MessageAttributeName.1=All&MaxNumberOfMessages=10`,
  );
  expect(received.texts("Body")).toEqual(['a b&c="é"']);
  expect(received.texts("MessageId")).toEqual(sent.texts("MessageId"));
  expect(received.texts("MD5OfBody")).toEqual(sent.texts("MD5OfMessageBody"));
  expect(received.texts("MD5OfMessageAttributes")).toEqual(sent.texts("MD5OfMessageAttributes"));
  expect(received.xml).toContain(
    "<MessageAttribute><Name>raw</Name><Value><DataType>Binary</DataType><BinaryValue>AAEC</BinaryValue></Value></MessageAttribute>",
  );
  expect(received.xml).toContain("<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>");
});

test("both protocols see the same message, and give it the same MD5s", async () => {
  const cloud = await runResources({ Inbox });
  const QueueUrl = `${cloud.endpoint}/000000000000/inbox`;
  const client = new SQSClient(clientConfig(cloud));
  const MessageAttributes = { raw: { DataType: "Binary", BinaryValue: new Uint8Array([0, 1, 2]) } };
  const MessageBody = 'carriage return\r and <tag a="b">&amp;';
  const sent = await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
  const { texts } = await call(cloud, "ReceiveMessage", { "MessageAttributeName.1": "raw", VisibilityTimeout: "0" });
  expect(texts("Body")).toEqual([MessageBody]);
  expect(texts("MD5OfMessageAttributes")).toEqual([sent.MD5OfMessageAttributes]);
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"] }));
  expect(texts("MessageId")).toEqual([Messages[0]?.MessageId]);
  expect(Messages[0]).toMatchObject({ Body: MessageBody, MessageAttributes });
});

test("a queue is made, described, changed, tagged, emptied and deleted", async () => {
  const cloud = await runResources({});
  const made = await call(cloud, "CreateQueue", {
    QueueName: "inbox",
    "Attribute.1.Name": "DelaySeconds",
    "Attribute.1.Value": "5",
    "Attribute.2.Name": "VisibilityTimeout",
    "Attribute.2.Value": "7",
    "Tag.1.Key": "team",
    "Tag.1.Value": "a&b",
  });
  const url = `${cloud.endpoint}/000000000000/inbox`;
  expect(made.texts("QueueUrl")).toEqual([url]);
  expect((await call(cloud, "ListQueues", { QueueNamePrefix: "in" })).texts("QueueUrl")).toEqual([url]);
  expect((await call(cloud, "ListQueues", { QueueNamePrefix: "x" })).texts("QueueUrl")).toEqual([]);
  expect((await call(cloud, "GetQueueUrl", { QueueName: "inbox" })).texts("QueueUrl")).toEqual([url]);

  await call(cloud, "SetQueueAttributes", { "Attribute.1.Name": "VisibilityTimeout", "Attribute.1.Value": "9" });
  const names = { "AttributeName.1": "VisibilityTimeout", "AttributeName.2": "DelaySeconds" };
  const attributes = await call(cloud, "GetQueueAttributes", names);
  expect(attributes.xml).toContain(
    "<GetQueueAttributesResult><Attribute><Name>VisibilityTimeout</Name><Value>9</Value></Attribute>" +
      "<Attribute><Name>DelaySeconds</Name><Value>5</Value></Attribute></GetQueueAttributesResult>",
  );

  await call(cloud, "TagQueue", { "Tag.1.Key": "stage", "Tag.1.Value": "dev" });
  await call(cloud, "UntagQueue", { "TagKey.1": "absent" });
  expect((await call(cloud, "ListQueueTags")).texts("Value")).toEqual(["a&b", "dev"]);
  await call(cloud, "UntagQueue", { "TagKey.1": "team" });
  expect((await call(cloud, "ListQueueTags")).texts("Key")).toEqual(["stage"]);

  await call(cloud, "SendMessage", { MessageBody: "delayed" });
  expect(cloud.queues.look("inbox").counts.delayed).toBe(1);
  const purged = await call(cloud, "PurgeQueue");
  expect(purged.xml).toMatch(/<PurgeQueueResponse [^>]*><ResponseMetadata><RequestId>[^<]+<\/RequestId><\/ResponseMetadata></);
  expect(cloud.queues.look("inbox").counts.delayed).toBe(0);
  await call(cloud, "DeleteQueue");
  expect((await call(cloud, "ListQueues")).texts("QueueUrl")).toEqual([]);
});

test("a batch is sent, hidden, shown again and deleted, and tells which of its entries failed", async () => {
  const cloud = await runResources({ Inbox });
  const sent = await call(cloud, "SendMessageBatch", {
    "SendMessageBatchRequestEntry.1.Id": "one",
    "SendMessageBatchRequestEntry.1.MessageBody": "first",
    "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name": "n",
    "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType": "Number",
    "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue": "5",
    "SendMessageBatchRequestEntry.2.Id": "two",
    "SendMessageBatchRequestEntry.2.MessageBody": "unspeakable \u0001",
  });
  expect(sent.xml).toMatch(
    /<SendMessageBatchResultEntry><Id>one<\/Id><MessageId>[^<]+<\/MessageId><MD5OfMessageBody>8b04d5e3775d298e78455efc5ca404d5</,
  );
  expect(sent.xml).toContain(
    "<BatchResultErrorEntry><Id>two</Id><SenderFault>true</SenderFault><Code>InvalidMessageContents</Code>",
  );

  const [handle = ""] = (await call(cloud, "ReceiveMessage")).texts("ReceiptHandle");
  expect((await call(cloud, "ReceiveMessage")).texts("ReceiptHandle")).toEqual([]);
  const shown = await call(cloud, "ChangeMessageVisibilityBatch", {
    "ChangeMessageVisibilityBatchRequestEntry.1.Id": "one",
    "ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle": handle,
    "ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout": "0",
    "ChangeMessageVisibilityBatchRequestEntry.2.Id": "gone",
    "ChangeMessageVisibilityBatchRequestEntry.2.ReceiptHandle": "no handle",
    "ChangeMessageVisibilityBatchRequestEntry.2.VisibilityTimeout": "0",
  });
  expect(shown.xml).toContain(
    "<ChangeMessageVisibilityBatchResultEntry><Id>one</Id></ChangeMessageVisibilityBatchResultEntry>",
  );
  expect(shown.texts("Code")).toEqual(["ReceiptHandleIsInvalid"]);

  const [again = ""] = (await call(cloud, "ReceiveMessage")).texts("ReceiptHandle");
  await call(cloud, "ChangeMessageVisibility", { ReceiptHandle: again, VisibilityTimeout: "100" });
  const deleted = await call(cloud, "DeleteMessageBatch", {
    "DeleteMessageBatchRequestEntry.1.Id": "one",
    "DeleteMessageBatchRequestEntry.1.ReceiptHandle": again,
  });
  expect(deleted.xml).toContain("<DeleteMessageBatchResultEntry><Id>one</Id></DeleteMessageBatchResultEntry>");
  expect(cloud.queues.look("inbox").counts).toMatchObject({ ready: 0, inFlight: 0 });
});

test("a queue is called at its own URL, by GET as in the API reference, and without a signature", async () => {
  const cloud = await runResources({ Inbox });
  const url = `${cloud.endpoint}/000000000000/inbox`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  expect((await post(url, "Action=SendMessage&MessageBody=posted")).status).toBe(200);
  const got = await send(`${url}?Action=ReceiveMessage&AttributeName=All&Version=${VERSION}`, {});
  expect(got.texts("Body")).toEqual(["posted"]);
  expect(got.xml).toContain("<Name>SentTimestamp</Name>");
  const body = `Action=ListQueues&Version=${VERSION}`;
  expect((await send(cloud.endpoint, { method: "POST", headers, body })).texts("QueueUrl")).toEqual([url]);
});

test.each<[refused: string, action: string, parameters: Record<string, string>, code: string]>([
  ["a queue that is not there", "PurgeQueue", { QueueUrl: "none" }, "AWS.SimpleQueueService.NonExistentQueue"],
  ["a batch of nothing", "SendMessageBatch", {}, "AWS.SimpleQueueService.EmptyBatchRequest"],
  [
    "a handle of no message",
    "ChangeMessageVisibility",
    { ReceiptHandle: "x", VisibilityTimeout: "1" },
    "ReceiptHandleIsInvalid",
  ],
  ["an action that SQS has not", "MakeCoffee", {}, "InvalidAction"],
  ["a missing parameter", "SendMessage", {}, "MissingParameter"],
  ["an attribute without a value", "SendMessage", { MessageBody: "x", "MessageAttribute.1.Name": "type" }, "MissingParameter"],
  ["a number that is none", "ReceiveMessage", { MaxNumberOfMessages: "many" }, "InvalidParameterValue"],
  ["a delay over 15 minutes", "SendMessage", { MessageBody: "x", DelaySeconds: "901" }, "InvalidParameterValue"],
  ["a queue's name with a space", "CreateQueue", { QueueName: "my queue <1>" }, "InvalidParameterValue"],
])("%s is refused", async (_, action, parameters, expected) => {
  const cloud = await runResources({ Inbox });
  const { status, xml, texts } = await call(cloud, action, parameters);
  expect(status).toBe(400);
  expect(xml).toMatch(/^<\?xml version="1.0"\?><ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>/);
  expect(texts("Code")).toEqual([expected]);
  expect(texts("Message")[0]).not.toBe("");
  expect(texts("RequestId")).toHaveLength(1);
});

test("a rule of chaos finds a call of the Query protocol by its queue, and refuses it in XML", async () => {
  const cloud = await runResources({ Inbox });
  const rule = { fault: "throttle", rate: 1, api: "sqs", operation: "SendMessage", resource: "inbox" };
  await fetch(`${cloud.endpoint}/_fanfare/chaos`, { method: "POST", body: JSON.stringify(rule) });
  const sent = await call(cloud, "SendMessage", { MessageBody: "x" });
  expect(sent.texts("Code")).toEqual(["RequestThrottled"]);
  expect(sent.texts("RequestId")).toHaveLength(1);
  expect((await call(cloud, "ReceiveMessage")).status).toBe(200);
});

test("a form without an action is refused", async () => {
  const cloud = await runResources({ Inbox });
  const headers = { "content-type": "application/x-www-form-urlencoded", authorization: SIGNATURE };
  const answer = await fetch(cloud.endpoint, { method: "POST", headers, body: "QueueUrl=inbox" });
  expect([answer.status, await answer.text()]).toEqual([404, "<UnknownOperationException/>"]);
});

test.each([
  ["SendMessage", { QueueUrl: "inbox", MessageBody: 5 }, "SerializationException"],
  [
    "SendMessage",
    { QueueUrl: "inbox", MessageBody: "x", MessageAttributes: { a: { DataType: [] } } },
    "SerializationException",
  ],
  ["SendMessageBatch", { QueueUrl: "inbox", Entries: [{ MessageBody: "x" }] }, "MissingRequiredParameterException"],
  ["SendMessageBatch", { QueueUrl: "inbox", Entries: { length: 1 } }, "SerializationException"],
  ["ReceiveMessage", { QueueUrl: "inbox", MaxNumberOfMessages: "1" }, "SerializationException"],
  ["CreateQueue", { QueueName: "a", Attributes: ["x"] }, "SerializationException"],
  ["CreateQueue", [], "SerializationException"],
])("in JSON, %s of %j is refused", async (action, input, expected) => {
  const { endpoint } = await runResources({ Inbox });
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
  const answer = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ __type: `com.amazonaws.sqs#${expected}` });
});

test("an SDK learns of both names that an error has", async () => {
  const cloud = await runResources({});
  const client = new SQSClient(clientConfig(cloud));
  const QueueUrl = `${cloud.endpoint}/000000000000/none`;
  await expect(client.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({
    name: "QueueDoesNotExist",
    Code: "AWS.SimpleQueueService.NonExistentQueue",
  });
  await expect(client.send(new CreateQueueCommand({ QueueName: "a b" }))).rejects.toMatchObject({
    name: "InvalidParameterValue",
  });
});
