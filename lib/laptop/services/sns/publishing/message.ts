import type { Scalar } from "../../../shared/event-pattern/condition.ts";
import { isScalar } from "../../../shared/event-pattern/condition.ts";
import { elementsOf } from "../../../shared/event-pattern/elements.ts";
import { isRecord } from "../../../shared/json.ts";
import type { MessageAttributes } from "../../delivery.ts";
import type { AttributeValues, Filtered } from "../filters/filter-policy.ts";
import { parseJson } from "../parse-json.ts";

/** What is published to a topic. */
export interface TopicMessage {
  readonly body: string;
  readonly subject?: string;
  readonly attributes: MessageAttributes;
  /** `json`: the body is an object with a text for each protocol, and one by the name of `default`. */
  readonly structure?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** AWSTraceHeader, of the publisher. */
  readonly traceHeader?: string;
}

/** A publisher's receipt for a message. */
export interface Receipt {
  readonly messageId: string;
  /** On a FIFO topic: 20 digits that grow. */
  readonly sequenceNumber?: string;
}

/** Bytes of a message: its body, and names, types and values of its attributes. sns/latest/api/API_Publish */
export function sizeOf({ body, attributes }: TopicMessage): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = "", BinaryValue = "" }] of Object.entries(attributes))
    bytes += Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, "base64");
  return bytes;
}

/** A message that a topic has taken. What its deliveries share is made once, when the first of them needs it. */
export class PublishedMessage {
  readonly message: TopicMessage;
  readonly receipt: Receipt;
  readonly topicArn: string;
  readonly isFifo: boolean;
  /** ISO 8601. */
  readonly publishedAt: string;
  readonly #texts: Readonly<Record<string, unknown>> | undefined;
  #values: AttributeValues | undefined;
  readonly #filtered = new Map<string, Filtered>();

  constructor(message: TopicMessage, receipt: Receipt, topic: { readonly arn: string; readonly isFifo: boolean }, now: number) {
    this.message = message;
    this.receipt = receipt;
    this.topicArn = topic.arn;
    this.isFifo = topic.isFifo;
    this.publishedAt = new Date(now).toISOString();
    const texts = message.structure === "json" ? parseJson(message.body) : undefined;
    this.#texts = isRecord(texts) ? texts : undefined;
  }

  /** The text that a protocol's subscribers get. */
  bodyFor(protocol: string): string {
    if (this.#texts === undefined) return this.message.body;
    const text = this.#texts[protocol];
    return typeof text === "string" ? text : String(this.#texts["default"]);
  }

  /** What a filter policy looks at, of a protocol's text. */
  filtered(protocol: string): Filtered {
    const body = this.bodyFor(protocol);
    const known = this.#filtered.get(body);
    if (known) return known;
    this.#values ??= valuesOf(this.message.attributes);
    const filtered = new FilteredText(body, this.#values);
    this.#filtered.set(body, filtered);
    return filtered;
  }
}

/** A text that is parsed when the first filter policy looks into it. */
class FilteredText implements Filtered {
  readonly values: AttributeValues;
  readonly #body: string;
  #parsed: { readonly json: unknown } | undefined;

  constructor(body: string, values: AttributeValues) {
    this.#body = body;
    this.values = values;
  }

  get json(): unknown {
    this.#parsed ??= { json: parseJson(this.#body) };
    return this.#parsed.json;
  }
}

/** The values of attributes of the types String, String.Array and Number; those of other types match nothing. */
function valuesOf(attributes: MessageAttributes): AttributeValues {
  const values = new Map<string, readonly Scalar[]>();
  for (const [name, { DataType, StringValue = "" }] of Object.entries(attributes)) {
    if (DataType === "String.Array") values.set(name, scalarsOf(parseJson(StringValue)));
    else if (/^Number(\.|$)/.test(DataType)) values.set(name, [Number(StringValue)]);
    else if (/^String(\.|$)/.test(DataType)) values.set(name, [StringValue]);
  }
  return values;
}

function scalarsOf(value: unknown): Scalar[] {
  if (!Array.isArray(value)) return isScalar(value) ? [value] : [];
  return [...elementsOf(value)].filter(isScalar);
}
