import { ConfigurationError } from "./configuration-error.ts";
import { DEAD_LETTER_RETENTION, QUEUE_RETENTION } from "./queue/queue-settings.ts";

/** Days after a dead letter's last in which an operator may still send a copy of it back. */
const REPLAY_MARGIN_DAYS = 14;

/**
 * Days that a service's inbox remembers an event: as long as it may be in the queue, then in the dead-letter queue, and a
 * margin. With a shorter memory, a redriven dead letter would pass for a new event.
 *
 * @throws ConfigurationError when the requested days are fewer than the queues keep a message.
 */
export function inboxDays(service: string, requested?: number): number {
  const kept = QUEUE_RETENTION.toDays() + DEAD_LETTER_RETENTION.toDays();
  const days = requested ?? kept + REPLAY_MARGIN_DAYS;
  if (days < kept) {
    throw new ConfigurationError(
      `service ${service}: the inbox remembers an event for ${days} days: expected ${kept} at least, for so long its queue and dead-letter queue keep a message`,
    );
  }
  return days;
}
