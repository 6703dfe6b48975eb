import type { Delivery } from "../../delivery.ts";
import type { HandOver } from "../../hand-over.ts";
import type { PublishedMessage } from "../publishing/message.ts";
import type { SignatureVersion } from "../signature/signature.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { HttpDeliveries } from "./http-deliveries.ts";
import type { Notifications } from "./notification.ts";

/** Attributes that a message in a queue can have; with raw delivery SNS drops one with more: sns/latest/dg/sns-message-attributes. */
const QUEUE_ATTRIBUTES = 10;

/**
 * Delivers what topics take to those who subscribe; what cannot be delivered, to the subscription's dead-letter queue. A queue has the
 * message when `deliver` returns.
 */
export class Deliveries {
  readonly #handOver: Pick<HandOver, "give">;
  readonly #notifications: Notifications;
  readonly #http: HttpDeliveries;

  constructor(handOver: Pick<HandOver, "give">, notifications: Notifications, http: HttpDeliveries) {
    this.#handOver = handOver;
    this.#notifications = notifications;
    this.#http = http;
  }

  /** Delivers a message to those of its topic's subscribers whose filter policies let it through. */
  deliver(published: PublishedMessage, subscriptions: Iterable<Subscription>): void {
    for (const subscription of subscriptions) {
      const { filter, protocol, isConfirmed } = subscription;
      if (!isConfirmed || filter?.passes(published.filtered(protocol)) === false) continue;
      this.#deliver(published, subscription);
    }
  }

  #deliver(published: PublishedMessage, subscription: Subscription): void {
    const { endpoint, protocol } = subscription;
    const giveUp = () => this.#giveUp(published, subscription);
    switch (protocol) {
      case "sqs": {
        const tooMany = subscription.isRaw && Object.keys(published.message.attributes).length > QUEUE_ATTRIBUTES;
        if (tooMany) giveUp();
        else this.#give(published, endpoint, this.#forQueue(published, subscription, endpoint), giveUp);
        return;
      }
      case "lambda": {
        const event = this.#notifications.functionEvent(published, subscription.arn, versionOf(subscription));
        const { traceHeader } = published.message;
        this.#give(published, endpoint, { event, ...(traceHeader !== undefined && { traceHeader }) }, giveUp);
        return;
      }
      case "http":
      case "https":
        this.#http.deliver(published, subscription, this.#body(published, subscription), giveUp);
    }
  }

  #give({ topicArn }: PublishedMessage, endpoint: string, delivery: Delivery, onFailure: () => void): void {
    try {
      const taken = this.#handOver.give({ service: "sns.amazonaws.com", sourceArn: topicArn }, endpoint, delivery);
      if (taken) taken.catch(onFailure);
    } catch {
      onFailure();
    }
  }

  /** Puts a message into the subscription's dead-letter queue; without one it is lost: sns/latest/dg/sns-dead-letter-queues. */
  #giveUp(published: PublishedMessage, subscription: Subscription): void {
    const { deadLetterQueue } = subscription;
    if (deadLetterQueue === undefined) return;
    const delivery = this.#forQueue(published, subscription, deadLetterQueue);
    const fitting = Object.entries(delivery.attributes ?? {}).slice(0, QUEUE_ATTRIBUTES);
    this.#give(published, deadLetterQueue, { ...delivery, attributes: Object.fromEntries(fitting) }, () => {});
  }

  /** A message as a queue gets it: as it was published, or wrapped in a notification. */
  #forQueue(published: PublishedMessage, subscription: Subscription, queueArn: string): Delivery {
    const { attributes, groupId, deduplicationId, traceHeader } = published.message;
    const isFifoQueue = queueArn.endsWith(".fifo");
    return {
      event: this.#body(published, subscription),
      ...(subscription.isRaw && { attributes }),
      // A standard topic hands the group on to standard queues, for fair queues; a FIFO topic does not: recorded on AWS.
      ...(groupId !== undefined && (isFifoQueue || !published.isFifo) && { groupId }),
      ...(deduplicationId !== undefined && isFifoQueue && { deduplicationId }),
      ...(traceHeader !== undefined && { traceHeader }),
    };
  }

  #body(published: PublishedMessage, subscription: Subscription): string {
    const { protocol, arn, isRaw } = subscription;
    if (isRaw) return published.bodyFor(protocol);
    // The dead-letter queue of a function gets the message as a queue would.
    const as = protocol === "lambda" ? "sqs" : protocol;
    return this.#notifications.json(published, as, arn, versionOf(subscription));
  }
}

function versionOf({ topic }: Subscription): SignatureVersion {
  return topic.attribute("SignatureVersion") === "2" ? "2" : "1";
}
