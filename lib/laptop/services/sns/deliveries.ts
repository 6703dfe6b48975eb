import type { StoredQueue, StoredSubscription } from "../fauxqs/fauxqs.ts";
import type { QueueMessage } from "../fauxqs/send.ts";
import { isRecord } from "../../shared/json.ts";
import { deadLetterArn } from "../../shared/redrive-policy.ts";
import { type FilterScope, passes } from "./filters/filter-policy.ts";
import { bodyFor, type PublishedMessage } from "./message.ts";
import { functionEvent, notification } from "./notification.ts";

/** Attributes that a message in a queue can have; with raw delivery SNS drops one with more: sns/latest/dg/sns-message-attributes. */
const QUEUE_ATTRIBUTES = 10;

/** Whom topics deliver to. */
export interface Subscribers {
  subscription(subscriptionArn: string): StoredSubscription | undefined;
  queue(queueArn: string): StoredQueue | undefined;
  send(queue: StoredQueue, message: QueueMessage): void;
  /** Whether a queue's or a function's policy lets a topic deliver to it. */
  mayDeliver(topicArn: string, endpointArn: string): boolean;
  /** Invokes a function asynchronously. @throws Error where it cannot be invoked */
  invoke(functionArn: string, event: unknown): void | Promise<void>;
}

/** Delivers what topics take to the queues and functions that subscribe; what cannot be delivered, to the subscription's dead-letter queue. */
export class Deliveries {
  readonly #subscribers: Subscribers;

  constructor(subscribers: Subscribers) {
    this.#subscribers = subscribers;
  }

  /** Delivers a message to one subscriber, unless the subscription's filter policy is against it. */
  deliver(message: PublishedMessage, subscriptionArn: string): void {
    const subscription = this.#subscribers.subscription(subscriptionArn);
    if (!subscription?.confirmed || !isWanted(subscription, message)) return;
    const { protocol, endpoint } = subscription;
    if (protocol === "lambda") void this.#toFunction(message, subscription);
    if (protocol !== "sqs") return;
    const queued = asQueued(message, subscription);
    if (Object.keys(queued.attributes).length > QUEUE_ATTRIBUTES || !this.#toQueue(message, endpoint, queued)) {
      this.#giveUp(message, subscription);
    }
  }

  async #toFunction(message: PublishedMessage, subscription: StoredSubscription): Promise<void> {
    const { endpoint } = subscription;
    try {
      if (!this.#subscribers.mayDeliver(message.topicArn, endpoint)) return this.#giveUp(message, subscription);
      const body = bodyFor("lambda", message) ?? "";
      await this.#subscribers.invoke(endpoint, functionEvent(message, body, subscription.arn));
    } catch {
      this.#giveUp(message, subscription);
    }
  }

  /** @returns false where the queue is gone or does not take what the topic sends */
  #toQueue({ topicArn }: PublishedMessage, queueArn: string, queued: QueueMessage): boolean {
    const queue = this.#subscribers.queue(queueArn);
    if (queue === undefined || !this.#subscribers.mayDeliver(topicArn, queueArn)) return false;
    this.#subscribers.send(queue, queued);
    return true;
  }

  /** Puts a message into the subscription's dead-letter queue; without one it is lost: sns/latest/dg/sns-dead-letter-queues. */
  #giveUp(message: PublishedMessage, subscription: StoredSubscription): void {
    const deadLetters = deadLetterArn(subscription.attributes["RedrivePolicy"]);
    if (deadLetters === undefined) return;
    const queued = asQueued(message, subscription);
    const fitting = Object.entries(queued.attributes).slice(0, QUEUE_ATTRIBUTES);
    this.#toQueue(message, deadLetters, { ...queued, attributes: Object.fromEntries(fitting) });
  }
}

function isWanted(subscription: StoredSubscription, message: PublishedMessage): boolean {
  const { FilterPolicy: text, FilterPolicyScope } = subscription.attributes;
  if (!text) return true;
  const policy = (subscription.parsedFilterPolicy ??= parsePolicy(text));
  const scope: FilterScope = FilterPolicyScope === "MessageBody" ? "MessageBody" : "MessageAttributes";
  return passes(policy, scope, { ...message, body: bodyFor(subscription.protocol, message) ?? "" });
}

function parsePolicy(text: string): Record<string, unknown> {
  const policy: unknown = JSON.parse(text);
  return isRecord(policy) ? policy : {};
}

/** A message as a subscribed queue gets it: as it was published, or wrapped in a notification. */
function asQueued(message: PublishedMessage, { attributes, arn }: StoredSubscription): QueueMessage {
  const isRaw = attributes["RawMessageDelivery"] === "true";
  const body = bodyFor("sqs", message) ?? "";
  return {
    body: isRaw ? body : notification(message, body, arn),
    attributes: isRaw ? message.attributes : {},
    // Also a standard topic hands the group on, for fair queues: AWSSimpleQueueService, "Amazon SQS fair queues".
    ...(message.groupId !== undefined && { groupId: message.groupId }),
    ...(message.deduplicationId !== undefined && { deduplicationId: message.deduplicationId }),
  };
}
