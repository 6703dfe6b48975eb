import type { Envelope } from "../../contracts/envelope.ts";
import { toError } from "../errors.ts";
import { beforeAbort } from "../lambda/deadline.ts";
import { type HandlingSpan, loggedSpan } from "../telemetry/span.ts";
import type { EventHeader } from "../unit/unit-context.ts";
import { attemptOf, type Received } from "../attempts/attempts.ts";
import type { ConsumerContext, InvocationContext, LogFields, Outcome } from "./consumer-context.ts";
import { type EventToHandle, handleOnce } from "./handle-once.ts";
import { type ReceivedEvent, receiveEvent } from "./read-event.ts";
import { settleFailed, settleHandled } from "./settle.ts";

/** Parses, validates and handles one record, commits, publishes, and retries or dead-letters what failed. Never throws. */
export function handleRecord(context: InvocationContext, received: Received): Promise<Outcome> {
  return context.publications.during(() => attemptRecord(context, received));
}

async function attemptRecord(context: InvocationContext, received: Received): Promise<Outcome> {
  const { record } = received;
  const { claimCheck, service, time, turns } = context;
  const [started, startedAt] = [performance.now(), Date.now()];
  const attempt = attemptOf(received);
  let event: EventHeader | undefined;
  let trace: HandlingSpan | undefined;
  const fields: LogFields = (outcome, more = {}) => ({
    outcome,
    messageId: record.messageId,
    ...(event && { event: { id: event.id, type: event.type, subject: event.subject, correlationid: event.correlationid } }),
    ...(trace && { trace: loggedSpan(trace) }),
    attempt,
    milliseconds: Math.round(performance.now() - started),
    ...(event && { ageMilliseconds: ageOf(event) }),
    ...more,
  });
  const attempted = () => ({ received, startedAt, type: event?.type, fields });
  try {
    const body = claimCheck
      ? await beforeAbort(time.signal, "the event's data was not fetched", () =>
          claimCheck.redeem(service, record.body, time.signal),
        )
      : record.body;
    const readEvent = receiveEvent(service, body, record.messageAttributes["type"]?.stringValue);
    // The handler may change the event itself.
    event = { ...readEvent.event };
    trace = readEvent.trace;
    const handled = await turns.take(event.subject, () =>
      handleOnce({ ...context, attempt, ...time }, toHandle(context, body, readEvent)),
    );
    return await settleHandled(context, attempted(), handled);
  } catch (thrown) {
    return settleFailed(context, attempted(), toError(thrown));
  }
}

/** Milliseconds since an event happened; none if the publisher's clock is ahead. */
function ageOf({ time }: EventHeader): number {
  return Math.max(0, Date.now() - Date.parse(time));
}

/** The event for each run of the handler: parsed again from the second run on. */
function toHandle({ service }: ConsumerContext, body: string, { event, published }: ReceivedEvent): EventToHandle {
  let first: Envelope | undefined = event;
  const read = () => {
    const next = first ?? receiveEvent(service, body).event;
    first = undefined;
    return next;
  };
  return { published, read };
}
