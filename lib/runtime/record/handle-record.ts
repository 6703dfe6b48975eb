import type { SQSRecord } from "aws-lambda";
import type { Envelope } from "../../contracts/envelope.ts";
import { InvalidEventError } from "../../contracts/errors.ts";
import { PermanentError, toError } from "../errors.ts";
import type { Deadline } from "../lambda/deadline.ts";
import { sendAll } from "../publish/send.ts";
import { type HandlingSpan, loggedSpan } from "../telemetry/span.ts";
import type { OutgoingEvent } from "../unit/inbox.ts";
import type { ConsumerContext, LogFields, Outcome } from "./consumer-context.ts";
import { deadLetter } from "./dead-letter.ts";
import { handleOnce } from "./handle-once.ts";
import { receiveEvent } from "./read-event.ts";
import { attemptOf, isLastAttempt, retry } from "./retry.ts";

/** Parses, validates and handles one record, commits, publishes, and retries or dead-letters what failed. Never throws. */
export async function handleRecord(context: ConsumerContext, record: SQSRecord, time: Deadline): Promise<Outcome> {
  const started = performance.now();
  const attempt = attemptOf(record);
  let event: Envelope | undefined;
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
    event = received.event;
    trace = received.trace;
    const { outcome, outgoing } = await handleOnce({ ...context, ...received, attempt, ...time }, context.handler);
    await publishOutgoing(context, outgoing);
    context.log.info(`event ${outcome}`, fields(outcome, { published: outgoing.length }));
    return outcome;
  } catch (thrown) {
    const error = toError(thrown);
    const dead = isPermanent(error) || isLastAttempt(context, record);
    return dead ? deadLetter(context, record, error, fields) : retry(context, record, error, fields);
  }
}

/** Milliseconds since an event happened; none if the publisher's clock is ahead. */
function ageOf({ time }: Envelope): number {
  return Math.max(0, Date.now() - Date.parse(time));
}

function isPermanent(error: Error): boolean {
  return error instanceof InvalidEventError || error instanceof PermanentError;
}

async function publishOutgoing({ clients, config }: ConsumerContext, outgoing: readonly OutgoingEvent[]): Promise<void> {
  if (outgoing.length === 0) return;
  const messages = outgoing.map(({ topic, ...message }) => {
    const topicArn = config.topicArns.get(topic);
    if (!topicArn)
      throw new PermanentError(`the event ${message.type} is committed, but the service may no longer publish to "${topic}"`);
    return { topicArn, ...message };
  });
  const results = await sendAll(clients.sns, messages);
  const failed = results.find((result) => "error" in result);
  // The redelivery finds the inbox record and publishes again; consumers drop the copies by their ids.
  if (failed)
    throw new Error(`the event's effect is committed, but not all of its outgoing events are published`, {
      cause: failed.error,
    });
}
