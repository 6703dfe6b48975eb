import { attributesOf } from "./cloudevents/attributes.ts";
import { InvalidEventError } from "./errors.ts";
import type { EventDefinition, EventType } from "./event.ts";
import { type Extensions, extensionsOf, requireExtensions } from "./cloudevents/extensions.ts";
import { beginTrace, formatTraceparent, parseTraceparent } from "./cloudevents/trace-context.ts";
import { validate } from "./validate.ts";

/**
 * An event on the wire: a CloudEvents 1.0 event in JSON, structured mode, with the distributed-tracing extension
 * (`traceparent`, `tracestate`) and two extensions of our own; {@link extensionsOf} has the others that it came with. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export interface Envelope<Type extends string = string, Data = unknown> {
  readonly specversion: "1.0";
  /** Unique per event; a copy of an event has the same id. */
  readonly id: string;
  /** The publisher: a service's name, or the producer's. A URI reference. */
  readonly source: string;
  readonly type: Type;
  /** What the event is about, as the event's definition says. */
  readonly subject: string;
  /** When it happened, RFC 3339 in UTC. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  /** Names the schema of `data`: `urn:fanfare:event:<type>`. */
  readonly dataschema: string;
  /**
   * W3C Trace Context, version 00: the span in which the event was published. In an event that a handler is given, the span of its
   * handling: for the calls that it makes.
   */
  readonly traceparent: string;
  /** W3C Trace Context: what tracing systems add to the trace, as it came. */
  readonly tracestate?: string;
  /** The id of the first event in the chain; every event that follows from it carries the same. */
  readonly correlationid: string;
  /** The id of the event that led to this one; absent from a first event. */
  readonly causationid?: string;
  readonly data: Data;
}

/** The envelope of an event's definition, or of each of several. */
export type EnvelopeOf<Definition> =
  Definition extends EventDefinition<infer Type extends EventType, infer Data> ? Envelope<Type, Data> : never;

/** What an event that leads to another hands on to it. */
export type Cause = Pick<Envelope, "id" | "correlationid" | "traceparent" | "tracestate">;

/** What the publisher of an event sets; what is left out gets a default. */
export interface EnvelopeOptions {
  /** The publisher: a URI reference, such as a service's name. */
  readonly source: string;
  /** @default a random UUID */
  readonly id?: string;
  /** When it happened, RFC 3339. @default now */
  readonly time?: string;
  /** The event that led to this one: its trace and correlation go on. */
  readonly cause?: Cause;
  /** Extension attributes. They are this event's alone: events that follow from it do not carry them. @default - none */
  readonly extensions?: Extensions;
}

/**
 * Wraps data as an event. The data is validated, and keys that the contract does not name are left out.
 *
 * @throws InvalidEventError when the data breaks the contract, an attribute is one that consumers refuse, or CloudEvents allows no such
 * extension.
 */
export function createEnvelope<Type extends EventType, Data>(
  definition: EventDefinition<Type, Data>,
  data: Data,
  { source, id = crypto.randomUUID(), time = new Date().toISOString(), cause, extensions = {} }: EnvelopeOptions,
): Envelope<Type, Data> {
  const valid = validate(definition.schema, data, definition.type);
  const given = {
    id,
    source,
    type: definition.type,
    subject: definition.subject(valid),
    time,
    ...(cause && { correlationid: cause.correlationid, causationid: cause.id }),
  };
  return {
    specversion: "1.0",
    ...attributesOf(new Map(Object.entries(given))),
    type: definition.type,
    datacontenttype: "application/json",
    dataschema: schemaUri(definition.type),
    traceparent: formatTraceparent((cause && parseTraceparent(cause.traceparent)) ?? beginTrace(cause?.correlationid ?? id)),
    ...(cause?.tracestate !== undefined && { tracestate: cause.tracestate }),
    ...requireExtensions(extensions),
    data: valid,
  };
}

/** The `dataschema` of an event type. */
export function schemaUri(type: string): string {
  return `urn:fanfare:event:${type}`;
}

/**
 * Reads a message body as an envelope. Its data is not checked yet. Attributes that are no CloudEvents attributes are left out.
 *
 * @throws InvalidEventError that says what is missing or wrong.
 */
export function parseEnvelope(body: string): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    // The parser's own message quotes the body, which may hold personal data; the position is enough.
    const place = error instanceof Error ? /at position \d+/.exec(error.message)?.[0] : undefined;
    throw new InvalidEventError(body.trim() === "" ? "the body is empty" : `the body is not JSON${place ? `, ${place}` : ""}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidEventError("the body is not a JSON object");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.get("specversion") !== "1.0") throw new InvalidEventError('the envelope\'s "specversion" is not "1.0"');
  if (!fields.has("data")) {
    const claimed = fields.has("dataref") ? ', and a "dataref" is for topics with largeEvents' : "";
    throw new InvalidEventError(`the envelope's "data" is missing${claimed}`);
  }
  const [trace, tracestate] = [parseTraceparent(fields.get("traceparent")), fields.get("tracestate")];
  const attributes = attributesOf(fields);
  return {
    ...extensionsOf(value),
    specversion: "1.0",
    ...attributes,
    datacontenttype: "application/json",
    dataschema: schemaUri(attributes.type),
    traceparent: formatTraceparent(trace ?? beginTrace(attributes.correlationid)),
    ...(trace && typeof tracestate === "string" && { tracestate }),
    data: fields.get("data"),
  };
}
