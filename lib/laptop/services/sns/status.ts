import { nameOf } from "../../shared/account.ts";
import type { Store } from "./store.ts";
import type { Subscription } from "./subscriptions/subscription.ts";

export interface TopicStatus {
  readonly name: string;
  readonly arn: string;
  /** Messages published since the start. */
  readonly published: number;
  readonly subscriptions: readonly SubscriptionStatus[];
}

export interface SubscriptionStatus {
  /** The name of the queue or of the function, or another endpoint. */
  readonly queue: string;
  /** The filter policy as JSON text. @default - every message is delivered */
  readonly filterPolicy?: string;
  readonly deadLetterQueue?: string;
}

export function topicStatus(store: Store): TopicStatus[] {
  return store.topics
    .toSorted((a, b) => (a.arn < b.arn ? -1 : 1))
    .map(({ name, arn, published }) => ({
      name,
      arn,
      published,
      subscriptions: [...store.subscriptionsOf(arn)].map(subscriptionStatus),
    }));
}

function subscriptionStatus(subscription: Subscription): SubscriptionStatus {
  const { deadLetterQueue } = subscription;
  const filterPolicy = subscription.attribute("FilterPolicy");
  return {
    queue: endpointName(subscription),
    ...(filterPolicy !== undefined && { filterPolicy }),
    ...(deadLetterQueue !== undefined && { deadLetterQueue: nameOf(deadLetterQueue) }),
  };
}

function endpointName({ protocol, endpoint }: Subscription): string {
  if (protocol === "sqs") return nameOf(endpoint);
  // arn:aws:lambda:us-east-1:000000000000:function:<name>:<version>
  return protocol === "lambda" ? (endpoint.split(":")[6] ?? endpoint) : endpoint;
}
