import { AwsError } from "../../../shared/aws-error.ts";
import { isRecord } from "../../../shared/json.ts";
import type { MessageAttribute } from "../../delivery.ts";
import { parseJson } from "../parse-json.ts";
import { invalidParameter } from "../refusals.ts";
import { sizeOf, type TopicMessage } from "./message.ts";

const SUBJECT_CHARACTERS = 100;
const NAME_BYTES = 256;

/** Printable ASCII but for the space: sns/latest/api/API_Publish, MessageGroupId and MessageDeduplicationId. */
const ID = /^[!-~]{1,128}$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Checks what does not depend on the topic, as its size does. @throws AwsError as SNS refuses it */
export function checkMessage(message: TopicMessage): void {
  const { body, subject, structure, attributes } = message;
  if (body === "") throw invalidParameter("Empty message");
  if (subject !== undefined && !isSubject(subject)) throw invalidParameter("Subject");
  for (const [name, attribute] of Object.entries(attributes)) checkAttribute(name, attribute);
  checkId("MessageGroupId", message.groupId);
  checkId("MessageDeduplicationId", message.deduplicationId);
  if (structure === "json") checkStructure(body);
}

/** @throws AwsError for a message of more bytes than its topic takes */
export function checkSize(message: TopicMessage, maximumBytes: number): void {
  if (sizeOf(message) > maximumBytes) throw invalidParameter("Message too long");
}

function checkId(parameter: string, id: string | undefined): void {
  if (id === undefined || ID.test(id)) return;
  const rule = `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length`;
  throw invalidParameter(`${parameter} Reason: ${rule}`);
}

/** Up to 100 characters without line breaks and control characters: sns/latest/api/API_Publish. */
function isSubject(subject: string): boolean {
  return subject !== "" && subject.length <= SUBJECT_CHARACTERS && !/\p{Cc}/u.test(subject);
}

function checkStructure(body: string): void {
  const texts = parseJson(body);
  if (texts === undefined) throw invalidParameter("Message Structure - JSON message body failed to parse");
  if (!isRecord(texts) || typeof texts["default"] !== "string")
    throw invalidParameter("Message Structure - No default entry in JSON message body");
}

function checkAttribute(name: string, { DataType: type, StringValue, BinaryValue }: MessageAttribute): void {
  checkName(name);
  const [, prefix] = /^(String|Number|Binary)(?:\..+)?$/.exec(type) ?? [];
  if (prefix === undefined)
    throw invalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const field = prefix === "Binary" ? "Binary" : "String";
  const [value, other] = prefix === "Binary" ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (value === undefined && other !== undefined)
    throw invalid(`The message attribute '${name}' with type '${type}' must use field '${field}'.`);
  if (!value || (prefix === "Binary" && Buffer.from(value, "base64").length === 0))
    throw invalid(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  if (prefix === "Number" && !NUMBER.test(value)) throw invalid(`Could not cast message attribute '${name}' value to number.`);
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > NAME_BYTES) throw invalid("Length of message attribute name must be less than 256 bytes.");
  const character = /[^\w.-]/.exec(name)?.[0];
  if (character !== undefined)
    throw invalid(
      `Invalid non-alphanumeric character '#x${character.charCodeAt(0).toString(16).toUpperCase()}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  if (name.startsWith(".")) throw invalid("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith(".")) throw invalid("Invalid message attribute name ending with character '.' was found.");
  if (name.includes("..")) throw invalid("Message attribute name can not have successive '.' character.");
}

function invalid(message: string): AwsError {
  return new AwsError("ParameterValueInvalid", message);
}
