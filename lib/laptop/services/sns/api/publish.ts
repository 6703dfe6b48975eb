import { randomUUID } from "node:crypto";
import { AwsError } from "../../../shared/aws-error.ts";
import { isRecord } from "../../../shared/json.ts";
import type { MessageAttribute } from "../../delivery.ts";
import { checkTopicArn, elementsOf } from "../arns.ts";
import { checkMessage, checkSize } from "../publishing/check-message.ts";
import { type Receipt, sizeOf, type TopicMessage } from "../publishing/message.ts";
import type { Publisher } from "../publishing/publisher.ts";
import { invalidParameter } from "../refusals.ts";
import type { Store } from "../store.ts";
import { isPhoneNumber } from "../subscriptions/endpoints.ts";
import { USUAL_MESSAGE_BYTES } from "../topics/message-size.ts";
import type { Topic } from "../topics/topic.ts";
import type { Handlers, SnsCall } from "./handler.ts";
import type { Input } from "./input.ts";

/** Entries of PublishBatch: general/latest/gr/sns. */
const BATCH_ENTRIES = 10;
const ENTRY_ID_CHARACTERS = 80;

/** Publish and PublishBatch; a batch of which one entry is wrong is refused as a whole, as AWS does. */
export function publishActions(
  store: Store,
  publisher: Publisher,
  onPublish: (topic: Topic, message: TopicMessage) => void,
): Handlers {
  const publish = (topic: Topic, message: TopicMessage): Receipt => {
    onPublish(topic, message);
    return publisher.publish(topic, message);
  };
  return {
    Publish: (call) => {
      const { input } = call;
      const phoneNumber = input.optional("PhoneNumber");
      if (phoneNumber !== undefined) return toPhone(phoneNumber, input);
      const arn = targetOf(call);
      const message = messageOf(input, call.traceHeader);
      checkMessage(message);
      const topic = store.topic(arn);
      checkSize(message, topic.maximumMessageBytes);
      return outputOf(publish(topic, publisher.accept(topic, message)));
    },
    PublishBatch: ({ input, region, traceHeader }) => {
      const arn = input.text("TopicArn");
      checkTopicArn(arn, region);
      const topic = store.topic(arn);
      const entries = entriesOf(input, traceHeader, topic.maximumMessageBytes);
      const accepted = entries.map(({ id, message }) => ({ id, message: publisher.accept(topic, message) }));
      return {
        Successful: accepted.map(({ id, message }) => ({ Id: id, ...outputOf(publish(topic, message)) })),
        Failed: [],
      };
    },
  };
}

function targetOf({ input, region }: SnsCall): string {
  const parameter = input.optional("TopicArn") === undefined ? "TargetArn" : "TopicArn";
  const arn = input.optional(parameter);
  if (arn === undefined) throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
  const [, , , , , resource = ""] = elementsOf(arn, parameter);
  if (resource.startsWith("endpoint/"))
    throw invalidParameter(`${parameter} Reason: No endpoint found for the target arn specified`);
  checkTopicArn(arn, region, parameter);
  return arn;
}

/** A text message, which goes nowhere here. */
function toPhone(phoneNumber: string, input: Input) {
  if (!isPhoneNumber(phoneNumber) || !phoneNumber.startsWith("+"))
    throw invalidParameter(`PhoneNumber Reason: ${phoneNumber} is not valid to publish to`);
  const message = messageOf(input, undefined);
  checkMessage(message);
  checkSize(message, USUAL_MESSAGE_BYTES);
  return { MessageId: randomUUID() };
}

function entriesOf(input: Input, traceHeader: string | undefined, maximumBytes: number) {
  const entries = input.inputs("PublishBatchRequestEntries");
  if (entries.length === 0) throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (entries.length > BATCH_ENTRIES)
    throw new AwsError("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
  const read = entries.map((entry) => ({ id: entry.text("Id"), message: messageOf(entry, traceHeader) }));
  if (new Set(read.map(({ id }) => id)).size < read.length)
    throw new AwsError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
  for (const { id } of read) checkId(id);
  if (read.reduce((bytes, { message }) => bytes + sizeOf(message), 0) > maximumBytes)
    throw new AwsError("BatchRequestTooLong", "The length of all the messages put together is more than the limit.");
  for (const { message } of read) checkMessage(message);
  return read;
}

function checkId(id: string): void {
  const refuse = (reason: string) =>
    new AwsError("InvalidBatchEntryId", `The Id of a batch entry in the batch request ${reason}: ${id}`);
  if (id.length > ENTRY_ID_CHARACTERS) throw refuse("is too long");
  if (!/^[\w-]+$/.test(id)) throw refuse("contains an impermissible character");
}

function messageOf(input: Input, traceHeader: string | undefined): TopicMessage {
  const optional = {
    subject: input.optional("Subject"),
    structure: input.optional("MessageStructure"),
    groupId: input.optional("MessageGroupId") || undefined,
    deduplicationId: input.optional("MessageDeduplicationId") || undefined,
    traceHeader,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { body: input.text("Message"), attributes: attributesOf(input.group("MessageAttributes")), ...given };
}

function attributesOf(given: Readonly<Record<string, unknown>>): Record<string, MessageAttribute> {
  const attributes: [string, MessageAttribute][] = Object.entries(given).map(([name, value]) => {
    const { DataType, StringValue, BinaryValue } = isRecord(value) ? value : {};
    const texts = {
      ...(typeof StringValue === "string" && { StringValue }),
      ...(typeof BinaryValue === "string" && { BinaryValue }),
    };
    return [name, { DataType: String(DataType), ...texts }];
  });
  return Object.fromEntries(attributes);
}

function outputOf({ messageId, sequenceNumber }: Receipt) {
  return { MessageId: messageId, ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }) };
}
