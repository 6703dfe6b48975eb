import type { Envelope } from "../../contracts/envelope.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { Deadline } from "../lambda/deadline.ts";
import type { Log } from "../lambda/logger.ts";
import type { ClaimCheck } from "../publish/claim-check.ts";

import type { EventInbox } from "./event-inbox.ts";

/** An event without its data: what outgoing events and log lines take from it, whatever the handler does to the event. */
export type EventHeader = Omit<Envelope, "data">;

/** The event that a unit of work is for, and what it reaches the outside with. */
export interface UnitContext extends Deadline {
  readonly service: ServiceDefinition;
  readonly config: Pick<ServiceConfig, "service" | "table" | "inboxDays">;
  readonly clients: Pick<Clients, "dynamodb">;
  readonly log: Log;
  readonly event: EventHeader;
  /** Where it is remembered that the event has been handled. */
  readonly inbox: EventInbox;
  readonly attempt: number;
  /** Carries the data of large events. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck;
}
