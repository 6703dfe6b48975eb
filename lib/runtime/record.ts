import type { SQSRecord } from "aws-lambda";
import type { Envelope } from "../contracts/envelope.ts";
import { InvalidEventError } from "../contracts/errors.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import type { ClaimCheck } from "./claim-check.ts";
import type { Clients } from "./clients.ts";
import type { ServiceConfig } from "./config.ts";
import type { Deadline } from "./deadline.ts";
import { PermanentError, RetryLaterError, toError } from "./errors.ts";
import { type EventHandler, handleOnce, receiveEvent } from "./handle.ts";
import type { OutgoingEvent } from "./inbox.ts";
import type { ItemInbox } from "./item-inbox.ts";
import type { Log } from "./logger.ts";
import { sendAll } from "./send.ts";
import { attemptOf, delayRetry, sendToDeadLetters } from "./settle.ts";

/** What a consumer runs on. */
export interface Run {
  readonly service: ServiceDefinition;
  readonly config: ServiceConfig;
  readonly clients: Clients;
  readonly log: Log;
  readonly handler: EventHandler;
  readonly itemInbox?: ItemInbox;
  readonly claimCheck?: ClaimCheck;
}

/** How a record ended; see {@link consumer}. */
export type Outcome = "done" | "duplicate" | "retry" | "dead";

/** Takes one record to its end: parses, validates, handles, commits, publishes and settles it. Never throws. */
export async function handleRecord(run: Run, record: SQSRecord, time: Deadline): Promise<Outcome> {
  const started = performance.now();
  const attempt = attemptOf(record);
  let event: Envelope | undefined;
  const describe: Describe = (outcome, more = {}) => ({
    outcome,
    messageId: record.messageId,
    ...(event && { event: { id: event.id, type: event.type, subject: event.subject, correlationid: event.correlationid } }),
    attempt,
    milliseconds: Math.round(performance.now() - started),
    ...more,
  });
  try {
    const body = run.claimCheck ? await run.claimCheck.redeem(run.service, record.body, time.signal) : record.body;
    const received = receiveEvent(run.service, body);
    event = received.event;
    const { outcome, outgoing } = await handleOnce({ ...run, ...received, attempt, ...time }, run.handler);
    await publishOutgoing(run, outgoing);
    run.log.info(`event ${outcome}`, describe(outcome, { published: outgoing.length }));
    return outcome;
  } catch (thrown) {
    const error = toError(thrown);
    const dead = isPermanent(error) || isLastAttempt(run, record);
    return dead ? bury(run, record, error, describe) : retry(run, record, error, describe);
  }
}

/** Whether SQS would move the record to the dead-letter queue, without a reason, if it were received once more. */
export function isLastAttempt({ config }: Run, record: SQSRecord): boolean {
  return attemptOf(record) >= config.maxReceiveCount;
}

function isPermanent(error: Error): boolean {
  return error instanceof InvalidEventError || error instanceof PermanentError;
}

async function publishOutgoing({ clients, config }: Run, outgoing: readonly OutgoingEvent[]): Promise<void> {
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

/** The fields of a record's log line. */
type Describe = (outcome: Outcome, more?: Record<string, unknown>) => Record<string, unknown>;

/** Gives a record up. The copy in the dead-letter queue comes first: until it is safe, the record stays in the queue. */
export async function bury(run: Run, record: SQSRecord, error: Error, describe: Describe): Promise<Outcome> {
  try {
    await sendToDeadLetters(run.clients.sqs, run.config, record, error);
  } catch (unsent) {
    run.log.error("event not handled, and not sent to the dead-letter queue: SQS will move it", {
      ...describe("retry", { reason: error.message }),
      error: toError(unsent),
    });
    return "retry";
  }
  run.log.error("event dead", { ...describe("dead"), error });
  return "dead";
}

async function retry(run: Run, record: SQSRecord, error: Error, describe: Describe): Promise<Outcome> {
  // Without the backoff the record comes back when its visibility timeout ends: later, but it does.
  const seconds = await delayRetry(run.clients.sqs, run.config, record).catch(() => undefined);
  const details = describe("retry", { retryInSeconds: seconds, reason: error.message });
  if (error instanceof RetryLaterError) run.log.info("event retried later", details);
  else run.log.warn("event failed, retried later", { ...details, error });
  return "retry";
}
