import type { Cancel, Clock } from "../../../shared/clock.ts";
import { effectiveDelivery } from "../delivery-policy.ts";
import type { PublishedMessage } from "../publishing/message.ts";
import { isOnThisMachine } from "../subscriptions/endpoints.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { Addresses } from "./addresses.ts";
import { confirmation, type ConfirmationType } from "./confirmation.ts";
import { post, type Post } from "./http-endpoint.ts";

/** SNS sends its own messages as this, whatever a delivery policy says. */
const CONFIRMATION_TYPE = "text/plain; charset=UTF-8";

/** Delivers to HTTP endpoints of this machine, again and again as the delivery policies say; others get nothing. */
export class HttpDeliveries {
  readonly #clock: Clock;
  readonly #addresses: Addresses;
  readonly #onChange: () => void;
  readonly #waiting = new Map<() => void, Cancel>();
  #delivering = 0;

  constructor(clock: Clock, addresses: Addresses, onChange: () => void) {
    this.#clock = clock;
    this.#addresses = addresses;
    this.#onChange = onChange;
  }

  /** Posts on their way, and those that wait to be tried again. */
  get pending(): number {
    return this.#delivering + this.#waiting.size;
  }

  /** Makes waiting retries due at once. */
  skipWaits(): void {
    for (const [work, cancel] of this.#waiting) {
      cancel();
      work();
    }
  }

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  /** Asks an endpoint to confirm that a subscription begins, or tells it how to take back its end. */
  confirm(type: ConfirmationType, subscription: Subscription): void {
    const { arn, endpoint, topic } = subscription;
    if (!isOnThisMachine(endpoint)) return;
    const { messageId, body } = confirmation(type, subscription, this.#addresses, this.#clock.now());
    const own = type === "UnsubscribeConfirmation" ? { subscriptionArn: arn } : {};
    const message = { type, messageId, topicArn: topic.arn, contentType: CONFIRMATION_TYPE, body, ...own };
    void this.#try(subscription, message, retriesOf(subscription).retries, () => {});
  }

  /** Delivers a message; `body` is what the subscriber gets. */
  deliver(published: PublishedMessage, subscription: Subscription, body: string, onFailure: () => void): void {
    const { arn, endpoint, isRaw, topic } = subscription;
    if (!isOnThisMachine(endpoint)) return;
    const { retries, contentType } = retriesOf(subscription);
    const { messageId } = published.receipt;
    const message = {
      type: "Notification",
      messageId,
      topicArn: topic.arn,
      subscriptionArn: arn,
      isRaw,
      contentType,
      body,
    } as const;
    void this.#try(subscription, message, retries, onFailure);
  }

  async #try(subscription: Subscription, message: Post, retries: number, onFailure: () => void): Promise<void> {
    this.#delivering++;
    const result = await post(subscription.endpoint, message);
    this.#delivering--;
    if (result === "refused" || (result === "failed" && retries === 0)) onFailure();
    else if (result === "failed")
      this.#later(subscription, () => void this.#try(subscription, message, retries - 1, onFailure));
    this.#onChange();
  }

  #later(subscription: Subscription, work: () => void): void {
    const due = () => {
      this.#waiting.delete(due);
      work();
    };
    this.#waiting.set(due, this.#clock.after(retriesOf(subscription).delaySeconds * 1_000, due));
  }
}

function retriesOf(subscription: Subscription) {
  return effectiveDelivery(subscription.attribute("DeliveryPolicy"), subscription.topic.attribute("DeliveryPolicy"));
}
