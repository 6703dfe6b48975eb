import { parseEventType } from "../contracts/event-type.ts";
import { type Envelope, parseEnvelope, schemaUri } from "../contracts/envelope.ts";
import { InvalidEventError } from "../contracts/errors.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import { readAs, understoodTypes } from "../contracts/versions.ts";
import { jitteredPause } from "./concurrency.ts";
import { AlreadyHandledError, HandlerTimeoutError, IdReusedError, StateConflictError } from "./errors.ts";
import { fingerprintOf, type OutgoingEvent, outgoingOf, readInbox } from "./inbox.ts";
import { type UnitContext, UnitOfWork } from "./unit-of-work.ts";
import { requireWellFormed } from "./well-formed.ts";

/** Runs of a handler whose state kept changing under it, before the record is left for later. */
const RUNS = 8;

/** Longest wait before the second run, in milliseconds; grows with each further one, with full jitter. */
const PAUSE_MILLISECONDS = 5;

/** A service's handler for any of its events, as the consumer calls it. */
export type EventHandler = (event: Envelope, unit: UnitOfWork) => unknown;

/** An event as the handler sees it, and what tells it from others as it was published. */
export interface ReceivedEvent {
  readonly event: Envelope;
  readonly fingerprint: string;
}

/** That an event has taken effect: now, or on an earlier delivery. Its outgoing events are still to be published. */
export interface Handled {
  readonly outcome: "done" | "duplicate";
  readonly outgoing: readonly OutgoingEvent[];
}

/**
 * Reads a message body as an event that the service consumes, its data checked by the contract.
 *
 * @throws InvalidEventError that says what is wrong: such a body can never be handled.
 */
export function receiveEvent(service: ServiceDefinition, body: string): ReceivedEvent {
  try {
    return readEvent(service, body);
  } catch (error) {
    // JSON may be nested deeper than the call stack is; it will be so on every attempt.
    if (error instanceof RangeError) throw new InvalidEventError("the body is nested too deeply");
    throw error;
  }
}

function readEvent(service: ServiceDefinition, body: string): ReceivedEvent {
  const envelope = parseEnvelope(body);
  requireWellFormed(body);
  const definition = service.consumes.find((event) => understoodTypes(event).includes(envelope.type));
  if (!definition) throw new InvalidEventError(whyUnknown(service, envelope.type));
  const { type } = definition;
  const data: unknown = readAs(definition, envelope.type, envelope.data);
  return { event: { ...envelope, type, dataschema: schemaUri(type), data }, fingerprint: fingerprintOf(envelope) };
}

/** The event alone; see {@link receiveEvent}. */
export function parseEvent(service: ServiceDefinition, body: string): Envelope {
  return receiveEvent(service, body).event;
}

function whyUnknown(service: ServiceDefinition, type: string): string {
  const name = parseEventType(type)?.name;
  const versions = service.consumes.filter((event) => parseEventType(event.type)?.name === name).map((event) => event.type);
  return versions.length === 0 || name === undefined
    ? `the service ${service.name} does not consume events of type "${type}"`
    : `the service ${service.name} knows ${versions.join(", ")}, but not ${type}: deploy a version of it that does, then redrive`;
}

/** Runs the handler and commits what it did, once, whatever happened before. */
export async function handleOnce(context: UnitContext, handler: EventHandler): Promise<Handled> {
  const { clients, config, event, attempt } = context;
  try {
    if (attempt > 1) {
      const record = await readInbox(clients.dynamodb, config, event.id);
      if (record) throw new AlreadyHandledError(record);
    }
    return { outcome: "done", outgoing: await runUntilCommitted(context, handler) };
  } catch (error) {
    if (!(error instanceof AlreadyHandledError)) throw error;
    const record = error.record ?? (await readInbox(clients.dynamodb, config, event.id));
    requireSameEvent(context, record);
    return { outcome: "duplicate", outgoing: record ? outgoingOf(record) : [] };
  }
}

/** @throws IdReusedError when the inbox knows the id from another event: dropping this one as a copy would lose it. */
function requireSameEvent({ fingerprint }: UnitContext, record: Record<string, unknown> | undefined): void {
  if (record && record["fingerprint"] !== fingerprint) {
    throw new IdReusedError(
      `the event's id was used before, by an event with other content: its publisher must give each its own`,
    );
  }
}

async function runUntilCommitted(context: UnitContext, handler: EventHandler): Promise<OutgoingEvent[]> {
  for (let run = 1; ; run++) {
    const unit = new UnitOfWork(context);
    try {
      await beforeAbort(context.signal, () => handler(context.event, unit));
      return await unit.complete();
    } catch (error) {
      if (!(error instanceof StateConflictError) || run === RUNS) throw error;
      await jitteredPause(PAUSE_MILLISECONDS * run);
    }
  }
}

/** The work's result, or a HandlerTimeoutError as soon as the signal aborts: a handler may never return. */
async function beforeAbort(signal: AbortSignal, work: () => unknown): Promise<void> {
  const late = () => new HandlerTimeoutError("the handler did not finish before the invocation's deadline");
  if (signal.aborted) throw late();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(late());
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([(async () => work())(), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
