import { NotPublishedError, PermanentError } from "../errors.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import type { InvocationContext } from "./consumer-context.ts";

/**
 * Publishes what a committed event has emitted, together with what others of its batch have.
 *
 * @throws NotPublishedError when not all of it could be published: the redelivery finds the inbox entry and publishes again, and
 * consumers drop the copies by their ids; PermanentError when the service no longer publishes to one of the topics
 */
export async function publishOutgoing(
  { publications, config }: Pick<InvocationContext, "publications" | "config">,
  outgoing: readonly OutgoingEvent[],
): Promise<void> {
  if (outgoing.length === 0) return;
  const messages = outgoing.map(({ topic, ...message }) => {
    const topicArn = config.topicArns.get(topic);
    if (!topicArn)
      throw new PermanentError(`the event ${message.type} is committed, but the service may no longer publish to "${topic}"`);
    return { topicArn, ...message };
  });
  const results = await publications.publish(messages);
  const failed = results.find((result) => "error" in result);
  if (failed) throw new NotPublishedError(failed.error);
}
