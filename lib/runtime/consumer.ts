import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { EnvelopeOf } from "../contracts/envelope.ts";
import type { AnyEventDefinition } from "../contracts/event.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import { handleBatch } from "./batch/handle-batch.ts";
import { type ClaimCheck, requireClaimCheck } from "./publish/claim-check.ts";
import { type Clients, createClients } from "./lambda/clients.ts";
import { readConfig, type ServiceConfig } from "./lambda/config.ts";
import type { ConsumerContext } from "./record/consumer-context.ts";
import type { EventHandler } from "./record/run-until-committed.ts";
import { InboxPlaces } from "./unit/inbox-places.ts";
import { createLog, type Log, writeLine } from "./lambda/logger.ts";
import { Metrics } from "./telemetry/metrics.ts";
import { observedLog } from "./telemetry/observed-log.ts";
import { tracerOf } from "./telemetry/tracer.ts";
import type { UnitOfWork } from "./unit/unit-of-work.ts";

/** A service's handlers, one per type of event that it consumes. */
export type Handlers<Service extends ServiceDefinition> = {
  readonly [Type in Service["consumes"][number]["type"]]: Handler<
    Extract<Service["consumes"][number], { type: Type }>,
    Service
  >;
};

/** Handles one event. Its changes go through the unit of work and are committed when it returns. */
export type Handler<Event extends AnyEventDefinition, Service extends ServiceDefinition> = (
  event: EnvelopeOf<Event>,
  unit: UnitOfWork<Service>,
) => Promise<void> | void;

/** A Lambda handler for batches of SQS records. To put a middleware around it: `middy(consumer(...)).use(...)`. */
export type ConsumerHandler = (
  event: Pick<SQSEvent, "Records">,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<SQSBatchResponse>;

/** What the consumer uses instead of the deployment's own. */
export interface ConsumerOptions {
  readonly config?: ServiceConfig;
  readonly clients?: Clients;
  /** Replaces the log, and with it metrics and traces, which are made of its lines. */
  readonly log?: Log;
  /** `s3ClaimCheck()`, if a topic of the service has `largeEvents`. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck;
}

/**
 * Makes a service's Lambda handler. Each record of a batch is handled on its own: parsed, validated, passed to the service's
 * handler with a unit of work, committed with its inbox record, and its outgoing events published. It ends as one of:
 *
 * - **done** or **duplicate**: the event has taken effect, once. The record is acknowledged.
 * - **retry**: it could not be handled now. It comes back after a backoff and does not hold up the rest of the batch.
 * - **dead**: it can never be handled, or its tries are used up (`retries` in the definition). It goes to the dead-letter queue with
 *   its reason.
 *
 * @throws Error at start when an environment variable that the service's stack sets is missing, a consumed event has no
 * handler, or a topic with large events has no claim check.
 */
export function consumer<Service extends ServiceDefinition>(
  service: Service,
  handlers: Handlers<Service> | Handler<Service["consumes"][number], Service>,
  options: ConsumerOptions = {},
): ConsumerHandler {
  requireClaimCheck(service, options.claimCheck);
  const config = options.config ?? readConfig(service);
  const functionName = process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? config.service;
  const metrics = new Metrics(functionName, writeLine, process.env["AWS_LAMBDA_FUNCTION_VERSION"]);
  const tracer = tracerOf(functionName);
  const observers = [metrics, ...(tracer ? [tracer] : [])];
  const consumerContext: ConsumerContext = {
    service,
    config,
    clients: options.clients ?? createClients(),
    log: options.log ?? observedLog(createLog(config, service.logs), observers),
    handler: chooseHandler(service, handlers),
    places: new InboxPlaces(service),
    ...(options.claimCheck && { claimCheck: options.claimCheck }),
  };
  return async ({ Records }, invocation) => {
    try {
      return await handleBatch(consumerContext, Records, invocation);
    } finally {
      metrics.flush();
      await tracer?.flush(invocation.getRemainingTimeInMillis());
    }
  };
}

/** One handler for all types of events. */
function chooseHandler(service: ServiceDefinition, handlers: object): EventHandler {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Handler` types it for callers; here every event is an Envelope
  if (typeof handlers === "function") return handlers as EventHandler;
  const byType = new Map<string, EventHandler>(Object.entries(handlers));
  const missing = service.consumes.find(({ type }) => !byType.has(type));
  if (missing) throw new Error(`the service ${service.name} consumes ${missing.type} but has no handler for it`);
  return (event, unit) => byType.get(event.type)!(event, unit);
}
