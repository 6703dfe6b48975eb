import { largeTopicsOf } from "../../contracts/claim-check.ts";
import type { Envelope } from "../../contracts/envelope.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import type { TopicDefinition } from "../../contracts/topic.ts";
import type { EventMessage, PreparedMessage } from "./event-message.ts";

/**
 * Carries the data of events that are too large for SNS. Pass it to {@link consumer} and `createPublisher`; a service without
 * large events bundles no S3 client. See `s3ClaimCheck`.
 */
export interface ClaimCheck {
  /**
   * Replaces a message that is too large. The message must not be sent before the upload has succeeded.
   *
   * @throws EventTooLargeError when the data is too large even for this.
   */
  deposit(topic: TopicDefinition, envelope: Envelope, message: EventMessage): Required<PreparedMessage>;
  /**
   * The body of an event with its data in it, fetched when the body only refers to it. Deletes nothing.
   *
   * @throws InvalidEventError when the data is not the event's; DataNotFoundError when there is none.
   */
  redeem(service: ServiceDefinition, body: string, signal: AbortSignal): Promise<string>;
}

/** @throws Error when a topic of the service takes large events and its consumer could neither read nor publish one. */
export function requireClaimCheck({ name, consumes, publishes }: ServiceDefinition, claimCheck: ClaimCheck | undefined): void {
  const [topic] = largeTopicsOf([...consumes, ...publishes]);
  if (topic && !claimCheck) {
    throw new Error(
      `service ${name}: the topic ${topic.name} takes large events: pass its consumer { claimCheck: s3ClaimCheck() }`,
    );
  }
}
