import type { SQSRecord } from "aws-lambda";
import type { Envelope } from "../../contracts/envelope.ts";
import { toError } from "../errors.ts";
import type { Deadline } from "../lambda/deadline.ts";
import { type HandlingSpan, loggedSpan } from "../telemetry/span.ts";
import type { EventHeader } from "../unit/unit-context.ts";
import type { ConsumerContext, LogFields, Outcome } from "./consumer-context.ts";
import { type EventToHandle, handleOnce } from "./handle-once.ts";
import { type ReceivedEvent, receiveEvent } from "./read-event.ts";
import { attemptOf } from "./retry.ts";
import { settleFailed, settleHandled } from "./settle.ts";

/** Parses, validates and handles one record, commits, publishes, and retries or dead-letters what failed. Never throws. */
export async function handleRecord(context: ConsumerContext, record: SQSRecord, time: Deadline): Promise<Outcome> {
  const started = performance.now();
  const attempt = attemptOf(record);
  let event: EventHeader | undefined;
  let trace: HandlingSpan | undefined;
  const fields: LogFields = (outcome, more = {}) => ({
    outcome,
    messageId: record.messageId,
    ...(event && { event: { id: event.id, type: event.type, subject: event.subject, correlationid: event.correlationid } }),
    ...(trace && { trace: loggedSpan(trace) }),
    attempt,
    milliseconds: Math.round(performance.now() - started),
    ...(event && outcome === "done" && { ageMilliseconds: ageOf(event) }),
    ...more,
  });
  try {
    const { claimCheck, service } = context;
    const body = claimCheck ? await claimCheck.redeem(service, record.body, time.signal) : record.body;
    const received = receiveEvent(service, body);
    // The handler may change the event itself.
    event = { ...received.event };
    trace = received.trace;
    const handled = await handleOnce({ ...context, attempt, ...time }, toHandle(context, body, received));
    return await settleHandled(context, record, handled, fields);
  } catch (thrown) {
    return settleFailed(context, record, toError(thrown), fields);
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
