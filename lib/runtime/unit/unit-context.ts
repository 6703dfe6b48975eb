import type { Envelope } from "../../contracts/envelope.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { Deadline } from "../lambda/deadline.ts";
import type { ClaimCheck } from "../publish/claim-check.ts";

/** The event that a unit of work is for, and what it reaches the outside with. */
export interface UnitContext extends Deadline {
  readonly service: ServiceDefinition;
  readonly config: ServiceConfig;
  readonly clients: Clients;
  readonly event: Envelope;
  /** Tells the event from another one under the same id. */
  readonly fingerprint: string;
  readonly attempt: number;
  /** Carries the data of large events. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck;
}
