import middy from "@middy/core";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Envelope, EnvelopeOf } from "../contracts/envelope.ts";
import { InvalidEventError } from "../contracts/errors.ts";
import type { AnyEventDefinition } from "../contracts/event.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import { type Clients, createClients } from "./clients.ts";
import { mapLimited } from "./concurrency.ts";
import { readConfig, type ServiceConfig } from "./config.ts";
import { PermanentError, RetryLaterError, toError } from "./errors.ts";
import { type EventHandler, handleOnce, parseEvent } from "./handle.ts";
import type { OutgoingEvent } from "./inbox.ts";
import { createLog, type Log } from "./logger.ts";
import { sendAll } from "./send.ts";
import { attemptOf, delayRetry, sendToDeadLetters } from "./settle.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** A service's handlers, one per type of event that it consumes. */
export type Handlers<Service extends ServiceDefinition> = {
  readonly [Type in Service["consumes"][number]["type"]]: Handler<
    Extract<Service["consumes"][number], { type: Type }>,
    Service
  >;
};

/** Handles one event. What it changes goes through the unit of work, and is committed when it returns. */
export type Handler<Event extends AnyEventDefinition, Service extends ServiceDefinition> = (
  event: EnvelopeOf<Event>,
  unit: UnitOfWork<Service>,
) => Promise<void> | void;

/** A Lambda handler for batches of SQS records; `.use()` adds a middy middleware around it. */
export type ConsumerHandler = middy.MiddyfiedHandler<SQSEvent, SQSBatchResponse>;

/** What the consumer runs on; the deployment's own by default. */
export interface ConsumerOptions {
  readonly config?: ServiceConfig;
  readonly clients?: Clients;
  readonly log?: Log;
}

/** Time kept back, of the time that the invocation has left, to report and to bury what did not finish. */
const MARGIN_SHARE = 0.1;
const MARGIN_MILLISECONDS = { least: 250, most: 2_000 };

/**
 * The Lambda handler of a service. Each record of a batch is handled by itself: parsed, validated, handed to the service's
 * handler with a unit of work, committed with its inbox record, its outgoing events published, and settled:
 *
 * - **done** or **duplicate**: the event has taken effect, once. The record is acknowledged.
 * - **retry**: it could not be handled now. It comes back after a backoff; the others of the batch are not held up.
 * - **dead**: it can never be handled, or this was its last time. It lies in the dead-letter queue with its reason.
 *
 * @throws Error at start, when the environment lacks what the service's stack sets, or a consumed event has no handler.
 */
export function consumer<Service extends ServiceDefinition>(
  service: Service,
  handlers: Handlers<Service> | Handler<Service["consumes"][number], Service>,
  options: ConsumerOptions = {},
): ConsumerHandler {
  const config = options.config ?? readConfig(service);
  const run = { service, config, clients: options.clients ?? createClients(), log: options.log ?? createLog(config) };
  const handler = chooseHandler(service, handlers);
  return middy<SQSEvent, SQSBatchResponse>().handler(({ Records }, context) => handleBatch(run, handler, Records, context));
}

interface Run {
  readonly service: ServiceDefinition;
  readonly config: ServiceConfig;
  readonly clients: Clients;
  readonly log: Log;
}

type Outcome = "done" | "duplicate" | "retry" | "dead";

/** One handler for all types of events. */
function chooseHandler(service: ServiceDefinition, handlers: object): EventHandler {
  if (typeof handlers === "function") return handlers as EventHandler;
  const byType = new Map<string, EventHandler>(Object.entries(handlers));
  const missing = service.consumes.find(({ type }) => !byType.has(type));
  if (missing) throw new Error(`the service ${service.name} consumes ${missing.type} and has no handler for it`);
  return (event, unit) => byType.get(event.type)!(event, unit);
}

async function handleBatch(
  run: Run,
  handler: EventHandler,
  records: readonly SQSRecord[],
  context: Pick<Context, "getRemainingTimeInMillis">,
): Promise<SQSBatchResponse> {
  const left = context.getRemainingTimeInMillis();
  const margin = Math.min(MARGIN_MILLISECONDS.most, Math.max(MARGIN_MILLISECONDS.least, left * MARGIN_SHARE));
  const deadline = Date.now() + left - margin;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), left - margin);
  try {
    const outcomes = await mapLimited(records, records.length, (record) =>
      handleRecord(run, handler, record, { signal: controller.signal, deadline }),
    );
    const failed = records.filter((_, index) => outcomes[index] === "retry");
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    clearTimeout(timer);
  }
}

async function handleRecord(
  run: Run,
  handler: EventHandler,
  record: SQSRecord,
  time: { signal: AbortSignal; deadline: number },
): Promise<Outcome> {
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
    event = parseEvent(run.service, record.body);
    const { outcome, outgoing } = await handleOnce({ ...run, event, attempt, ...time }, handler);
    await publishOutgoing(run, outgoing);
    run.log.info(`event ${outcome}`, describe(outcome, { published: outgoing.length }));
    return outcome;
  } catch (thrown) {
    const error = toError(thrown);
    const dead = isPermanent(error) || attempt >= run.config.maxReceiveCount;
    return dead ? bury(run, record, error, describe) : retry(run, record, error, describe);
  }
}

function isPermanent(error: Error): boolean {
  return error instanceof InvalidEventError || error instanceof PermanentError;
}

async function publishOutgoing({ clients, config }: Run, outgoing: readonly OutgoingEvent[]): Promise<void> {
  if (outgoing.length === 0) return;
  const messages = outgoing.map(({ topic, type, body }) => {
    const topicArn = config.topicArns.get(topic);
    if (!topicArn)
      throw new PermanentError(`the event ${type} is committed, but the service may no longer publish to "${topic}"`);
    return { topicArn, type, body };
  });
  const results = await sendAll(clients.sns, messages);
  const failed = results.find((result) => "error" in result);
  // The redelivery finds the inbox record and publishes again; consumers drop the copies by their ids.
  if (failed)
    throw new Error(`the event's effect is committed, but not all of its outgoing events are published`, {
      cause: failed.error,
    });
}

type Describe = (outcome: Outcome, more?: Record<string, unknown>) => Record<string, unknown>;

/** The copy in the dead-letter queue comes first: until it is safe, the record stays in the queue. */
async function bury(run: Run, record: SQSRecord, error: Error, describe: Describe): Promise<Outcome> {
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
