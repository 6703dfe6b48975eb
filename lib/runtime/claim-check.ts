import { largeTopicsOf } from "../contracts/claim-check.ts";
import type { Envelope } from "../contracts/envelope.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import type { TopicDefinition } from "../contracts/topic.ts";
import type { EventMessage, PreparedMessage } from "./message.ts";

/**
 * How the data of events that are too large for SNS travels beside them. It is handed to {@link consumer} and
 * `createPublisher`, so that a service without large events carries no S3 client: see `s3ClaimCheck`.
 */
export interface ClaimCheck {
  /**
   * What goes to the topic in place of a message that is too large, and the upload without which it must not.
   *
   * @throws EventTooLargeError when the data is too large for this way too.
   */
  deposit(topic: TopicDefinition, envelope: Envelope, message: EventMessage): Required<PreparedMessage>;
  /**
   * The body of an event with its data in it, fetched where the body says that it lies elsewhere. Deletes nothing.
   *
   * @throws InvalidEventError when the data is not the event's; DataNotFoundError when there is none.
   */
  redeem(service: ServiceDefinition, body: string, signal: AbortSignal): Promise<string>;
}

/** Puts the data where its event says that it lies; doing it again changes nothing. */
export type Upload = (signal?: AbortSignal) => Promise<void>;

/** @throws Error when a topic of the service takes large events and its consumer could neither read nor publish one. */
export function requireClaimCheck({ name, consumes, publishes }: ServiceDefinition, claimCheck: ClaimCheck | undefined): void {
  const [topic] = largeTopicsOf([...consumes, ...publishes]);
  if (topic && !claimCheck) {
    throw new Error(
      `service ${name}: the topic ${topic.name} takes large events: hand its consumer { claimCheck: s3ClaimCheck() }`,
    );
  }
}
