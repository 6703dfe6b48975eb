import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { functionVariables } from "../../contracts/function-variables.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import type { Clients } from "../lambda/clients.ts";
import { requireCount, requireVariable, type ServiceConfig } from "../lambda/config.ts";
import { createLog, type Log } from "../lambda/logger.ts";
import { requestHandler } from "../lambda/request-handler.ts";
import { type ClaimCheck, requireClaimCheck } from "../publish/claim-check.ts";
import { InboxPlaces } from "../unit/inbox-places.ts";
import type { UnitOfWork } from "../unit/unit-of-work.ts";
import { carryOut } from "./carry-out.ts";
import type { Answered, Request } from "./request.ts";

/** Carries out requests to a service. */
export interface Requests<Service extends ServiceDefinition> {
  /**
   * Carries out a request once, however often it is made: what the handler does through its unit of work, the events it emits and the answer
   * it returns are committed in one transaction. A request made again gets the recorded answer, and the handler does not run. Two at
   * the same time may both run it; one of them commits, and both get its answer. If the handler throws, nothing is committed.
   *
   * The relay publishes the events: see docs/decisions/relay.md.
   *
   * @param handler its answer must survive JSON. What it commits at a checkpoint stays if it fails later: the caller must repeat the request
   * @throws IdempotencyKeyReusedError when the key belongs to a request with another input; RequestInProgressError while another
   * execution runs one of its outside effects; HandlerTimeoutError at the deadline; RetryLaterError when this program's definition of
   * the service does not know where its inbox lies; whatever the handler throws
   */
  readonly once: <Answer>(
    request: Request,
    handler: (unit: UnitOfWork<Service>) => Promise<Answer> | Answer,
  ) => Promise<Answered<Answer>>;
}

/** What requests to a service are carried out with. */
export interface RequestsOptions {
  /** @default - from the environment variables that the service's stack sets */
  readonly config?: RequestsConfig;
  readonly clients?: Pick<Clients, "dynamodb">;
  readonly log?: Log;
  /** `s3ClaimCheck()`, if a topic of the service has `largeEvents`. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck;
}

/** The service's table, and how long it remembers a request. */
export type RequestsConfig = Pick<ServiceConfig, "table" | "inboxDays">;

/**
 * Carries out requests to a service that `takesRequests`, from a function of its own or any other program:
 *
 * ```ts
 * const { once } = requests(orders);
 * const { answer } = await once({ key: idempotencyKey, input: body }, async (unit) => { … });
 * ```
 *
 * @throws Error when the service's definition does not say that it takes requests, or an environment variable is missing.
 */
export function requests<Service extends ServiceDefinition>(
  service: Service,
  options: RequestsOptions = {},
): Requests<Service> {
  const { name, takesRequests, logs } = service;
  if (!takesRequests) {
    throw new Error(
      `service ${name}: requests to it need takesRequests in its definition: no relay would publish what they emit`,
    );
  }
  const { config = readRequestsConfig(), clients = createClients(), claimCheck } = options;
  requireClaimCheck(service, claimCheck);
  const context = {
    service,
    config: { ...config, service: name },
    clients,
    places: new InboxPlaces(service),
    log: options.log ?? createLog({ service: name, version: process.env[functionVariables.version] ?? "" }, logs),
    ...(claimCheck && { claimCheck }),
  };
  return { once: (request, handler) => carryOut(context, request, handler) };
}

function readRequestsConfig(): RequestsConfig {
  return { table: requireVariable(functionVariables.table), inboxDays: requireCount(functionVariables.inboxDays) };
}

function createClients(): Pick<Clients, "dynamodb"> {
  return { dynamodb: new DynamoDBClient({ requestHandler }) };
}
