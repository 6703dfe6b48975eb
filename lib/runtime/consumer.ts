import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { EnvelopeOf } from "../contracts/envelope.ts";
import type { AnyEventDefinition } from "../contracts/event.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import { handleBatch } from "./batch.ts";
import { type ClaimCheck, requireClaimCheck } from "./claim-check.ts";
import { type Clients, createClients } from "./clients.ts";
import { readConfig, type ServiceConfig } from "./config.ts";
import type { EventHandler } from "./handle.ts";
import type { ItemInbox } from "./item-inbox.ts";
import { createLog, type Log } from "./logger.ts";
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

/** A Lambda handler for batches of SQS records. To put a middleware around it: `middy(consumer(...)).use(...)`. */
export type ConsumerHandler = (
  event: Pick<SQSEvent, "Records">,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<SQSBatchResponse>;

/** What the consumer runs on; the deployment's own by default. */
export interface ConsumerOptions {
  readonly config?: ServiceConfig;
  readonly clients?: Clients;
  readonly log?: Log;
  /** `inboxInItem`, where every handler puts the one item that it reads; see there. @default - inbox records */
  readonly itemInbox?: ItemInbox;
  /** `s3ClaimCheck()`, where a topic of the service has `largeEvents`. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck;
}

/**
 * The Lambda handler of a service. Each record of a batch is handled by itself: parsed, validated, handed to the service's
 * handler with a unit of work, committed with its inbox record, its outgoing events published, and settled:
 *
 * - **done** or **duplicate**: the event has taken effect, once. The record is acknowledged.
 * - **retry**: it could not be handled now. It comes back after a backoff; the others of the batch are not held up.
 * - **dead**: it can never be handled, or this was its last time. It lies in the dead-letter queue with its reason.
 *
 * @throws Error at start, when the environment lacks what the service's stack sets, a consumed event has no handler, or a topic with
 * large events no claim check.
 */
export function consumer<Service extends ServiceDefinition>(
  service: Service,
  handlers: Handlers<Service> | Handler<Service["consumes"][number], Service>,
  options: ConsumerOptions = {},
): ConsumerHandler {
  requireClaimCheck(service, options.claimCheck);
  const config = options.config ?? readConfig(service);
  const run = {
    service,
    config,
    clients: options.clients ?? createClients(),
    log: options.log ?? createLog(config),
    handler: chooseHandler(service, handlers),
    ...(options.itemInbox && { itemInbox: options.itemInbox }),
    ...(options.claimCheck && { claimCheck: options.claimCheck }),
  };
  return ({ Records }, context) => handleBatch(run, Records, context);
}

/** One handler for all types of events. */
function chooseHandler(service: ServiceDefinition, handlers: object): EventHandler {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed by `Handler` at the door; here every event is an Envelope
  if (typeof handlers === "function") return handlers as EventHandler;
  const byType = new Map<string, EventHandler>(Object.entries(handlers));
  const missing = service.consumes.find(({ type }) => !byType.has(type));
  if (missing) throw new Error(`the service ${service.name} consumes ${missing.type} and has no handler for it`);
  return (event, unit) => byType.get(event.type)!(event, unit);
}
