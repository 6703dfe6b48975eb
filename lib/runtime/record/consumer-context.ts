import type { ServiceDefinition } from "../../contracts/service.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { Deadline } from "../lambda/deadline.ts";
import type { Log } from "../lambda/logger.ts";
import type { ClaimCheck } from "../publish/claim-check.ts";
import type { InboxPlaces } from "../unit/inbox-places.ts";
import type { Publications } from "../publish/publications.ts";
import type { Turns } from "../turns.ts";
import type { EventHandler } from "./run-until-committed.ts";

/** What a consumer handles every record with. */
export interface ConsumerContext {
  readonly service: ServiceDefinition;
  readonly config: ServiceConfig;
  readonly clients: Clients;
  readonly log: Log;
  readonly handler: EventHandler;
  readonly places: InboxPlaces;
  readonly claimCheck?: ClaimCheck;
}

/** What the records of one invocation are handled with; its clients' calls end at the handlers' deadline. */
export interface InvocationContext extends ConsumerContext {
  readonly time: Deadline;
  /** Clients for what is left to do after the deadline: their calls end with the invocation. */
  readonly settling: Pick<Clients, "dynamodb" | "sqs">;
  readonly turns: Turns;
  readonly publications: Publications;
}

/**
 * How a record ended; see {@link consumer}. One to retry stays in its queue (`retry`: reported to Lambda as failed), or was sent
 * to it again (`postponed`).
 */
export type Outcome = "done" | "duplicate" | "retry" | "postponed" | "dead";

/** Makes the fields of a record's log line. */
export type LogFields = (outcome: Outcome, more?: Record<string, unknown>) => Record<string, unknown>;
