import type { ServiceDefinition } from "../../contracts/service.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { Log } from "../lambda/logger.ts";
import type { ClaimCheck } from "../publish/claim-check.ts";
import type { ItemInbox } from "../unit/item-inbox.ts";
import type { EventHandler } from "./run-until-committed.ts";

/** What a consumer handles every record with. */
export interface ConsumerContext {
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

/** Makes the fields of a record's log line. */
export type LogFields = (outcome: Outcome, more?: Record<string, unknown>) => Record<string, unknown>;
