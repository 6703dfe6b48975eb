/** A message attribute, as SNS and SQS write it. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** An event on its way from one service to a resource of another. */
export interface Delivery {
  /** A queue and a topic get text: an object goes to them as JSON. A function gets the object. */
  readonly event: unknown;
  /** What e-mail subscribers of a topic would see. */
  readonly subject?: string;
  readonly attributes?: MessageAttributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** AWSTraceHeader: X-Ray's header of the event that this one came from. */
  readonly traceHeader?: string;
}

/** The text of an event, for a queue or a topic. */
export function textOf({ event }: Delivery): string {
  return typeof event === "string" ? event : JSON.stringify(event);
}
