import { type Envelope, parseEnvelope, schemaUri } from "../../contracts/envelope.ts";
import { InvalidEventError } from "../../contracts/errors.ts";
import { parseEventType } from "../../contracts/event-type.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { formatTraceparent } from "../../contracts/cloudevents/trace-context.ts";
import { readAs, understoodTypes } from "../../contracts/versions.ts";
import { RetryLaterError } from "../errors.ts";
import { handlingOf, type HandlingSpan } from "../telemetry/span.ts";
import { requireWellFormed } from "../publish/well-formed.ts";
import { identify, type PublishedEvent } from "../inbox/identity.ts";

/** An event as the handler sees it, and as it was published. */
export interface ReceivedEvent {
  readonly event: Envelope;
  readonly published: PublishedEvent;
  /** The handling's span in the event's trace. */
  readonly trace: HandlingSpan;
}

/**
 * Reads a message body as an event that the service consumes, its data checked against the contract.
 *
 * @param delivered the type that the subscription's filter policy let through, if SNS delivered the message
 * @throws InvalidEventError that says what is wrong: such a body can never be handled. RetryLaterError for a type that the
 * subscription lets through and this code does not know: queues are deployed before the code, and stay when code is rolled back.
 */
export function receiveEvent(service: ServiceDefinition, body: string, delivered?: string): ReceivedEvent {
  try {
    return readEvent(service, body, delivered);
  } catch (error) {
    // JSON nested deeper than the call stack: no later attempt can read it either.
    if (error instanceof RangeError) throw new InvalidEventError("the body is nested too deeply");
    throw error;
  }
}

function readEvent(service: ServiceDefinition, body: string, delivered: string | undefined): ReceivedEvent {
  const envelope = parseEnvelope(body);
  requireWellFormed(body);
  const definition = service.consumes.find((event) => understoodTypes(event).includes(envelope.type));
  if (!definition) throw unknownType(service, envelope.type, delivered);
  const { type } = definition;
  const data: unknown = readAs(definition, envelope.type, envelope.data);
  const trace = handlingOf(service, envelope);
  const event = { ...envelope, type, dataschema: schemaUri(type), data, traceparent: formatTraceparent(trace) };
  return { event, published: identify(envelope), trace };
}

/**
 * How the inbox knows the event of a body that cannot be handled: its contract may have changed, or its data may be gone. Undefined
 * for a body that is no event.
 */
export function publishedIn(body: string): PublishedEvent | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return undefined;
    requireWellFormed(body);
    if ("data" in value) return identify(parseEnvelope(body));
    // A large event, whose data lies elsewhere.
    const { source, id, type, header } = identify(parseEnvelope(JSON.stringify({ ...value, data: null })));
    return { source, id, type, header };
  } catch {
    return undefined;
  }
}

/** The event as the handler sees it; see {@link receiveEvent}. */
export function parseEvent(service: ServiceDefinition, body: string): Envelope {
  return receiveEvent(service, body).event;
}

function unknownType(service: ServiceDefinition, type: string, delivered: string | undefined): Error {
  if (type !== delivered) return new InvalidEventError(whyUnknown(service, type));
  return new RetryLaterError(`${service.name} subscribes to ${type}, which this code does not know: deploy the code that does`);
}

function whyUnknown(service: ServiceDefinition, type: string): string {
  const name = parseEventType(type)?.name;
  const versions = service.consumes.filter((event) => parseEventType(event.type)?.name === name).map((event) => event.type);
  return versions.length === 0 || name === undefined
    ? `the service ${service.name} does not consume events of type "${type}"`
    : `the service ${service.name} knows ${versions.join(", ")}, but not ${type}: deploy a version of it that does, then redrive`;
}
