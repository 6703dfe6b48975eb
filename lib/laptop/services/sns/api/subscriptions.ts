import { randomBytes } from "node:crypto";
import { AwsError } from "../../../shared/aws-error.ts";
import { account, iamArn } from "../../../shared/account.ts";
import type { Principal } from "../../../iam/evaluator/principal.ts";
import { checkSubscriptionArn } from "../arns.ts";
import type { HttpDeliveries } from "../delivery/http-deliveries.ts";
import { invalidParameter } from "../refusals.ts";
import type { Store } from "../store.ts";
import { checkEndpoint, mustConfirm } from "../subscriptions/endpoints.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { checkSubscriptions } from "../topics/message-size.ts";
import type { Topic } from "../topics/topic.ts";
import { type Handlers, NOTHING, type SnsCall } from "./handler.ts";
import { page } from "./page.ts";
import { arnOf } from "./topics.ts";

/** Bytes of a token that confirms a subscription. */
const TOKEN_BYTES = 144;

/** The actions on subscriptions and on their attributes. */
export function subscriptionActions(store: Store, http: HttpDeliveries): Handlers {
  return {
    ConfirmSubscription: (call) => {
      const subscription = confirmed(store, call);
      store.save(subscription);
      return { SubscriptionArn: subscription.arn };
    },
    GetSubscriptionAttributes: (call) => ({ Attributes: subscriptionOf(store, call).shown }),
    ListSubscriptions: ({ input, region }) => {
      const ofRegion = store.subscriptions.filter(({ arn }) => arn.split(":")[3] === region);
      return listed(ofRegion, input.optional("NextToken"));
    },
    ListSubscriptionsByTopic: (call) => {
      const { arn } = store.topic(arnOf(call));
      return listed([...store.subscriptionsOf(arn)], call.input.optional("NextToken"));
    },
    SetSubscriptionAttributes: (call) => {
      const subscription = subscriptionOf(store, call);
      subscription.set(call.input.text("AttributeName"), call.input.text("AttributeValue"));
      store.save(subscription);
      return NOTHING;
    },
    Subscribe: (call) => {
      const topic = store.topic(arnOf(call));
      const subscription = subscribe(store, topic, call);
      if (!subscription.isConfirmed) http.confirm("SubscriptionConfirmation", subscription);
      const hidden = !subscription.isConfirmed && !call.input.flag("ReturnSubscriptionArn");
      return { SubscriptionArn: hidden ? "pending confirmation" : subscription.arn };
    },
    Unsubscribe: ({ input, isSigned }) => {
      const arn = input.text("SubscriptionArn");
      checkSubscriptionArn(arn);
      const subscription = store.findSubscription(arn);
      if (subscription?.endsSigned && !isSigned) throw unsigned("Unsubscribe");
      if (subscription) store.unsubscribe(subscription);
      if (subscription?.isConfirmed && subscription.protocol.startsWith("http"))
        http.confirm("UnsubscribeConfirmation", subscription);
      return NOTHING;
    },
  };
}

function subscribe(store: Store, topic: Topic, { input, caller }: SnsCall): Subscription {
  const protocol = input.text("Protocol");
  const endpoint = input.text("Endpoint");
  const attributes = input.texts("Attributes");
  checkEndpoint(protocol, endpoint, topic.isFifo);
  const known = store.subscribed(topic.arn, protocol, endpoint);
  if (known?.hasAttributes(attributes)) return known;
  if (known) throw invalidParameter("Attributes Reason: Subscription already exists with different attributes");
  checkSubscriptions(topic.maximumMessageBytes, [...store.subscriptionsOf(topic.arn), { protocol }]);
  const isPending = mustConfirm(protocol);
  return store.subscribe(topic, {
    protocol,
    endpoint,
    attributes,
    principal: principalOf(caller),
    ofTemplate: false,
    confirmed: !isPending,
    authenticated: !isPending,
    ...(isPending && { token: randomBytes(TOKEN_BYTES).toString("hex") }),
  });
}

/** Confirms a subscription by its token. AWS wants an ARN of the right region with it, and does not mind of which topic. */
function confirmed(store: Store, { input, isSigned }: SnsCall): Subscription {
  const [, , service, region] = input.text("TopicArn").split(":");
  if (service !== "sns" || region === undefined) throw invalidParameter("Topic");
  const endsSigned = input.optional("AuthenticateOnUnsubscribe")?.toLowerCase() === "true";
  if (endsSigned && !isSigned) throw unsigned("ConfirmSubscription");
  const subscription = store.ofToken(input.text("Token"));
  if (subscription.topic.arn.split(":")[3] !== region) throw invalidParameter("Topic");
  if (endsSigned) subscription.endsSigned = true;
  if (!subscription.isConfirmed) subscription.isAuthenticated = isSigned;
  subscription.isConfirmed = true;
  return subscription;
}

/** AuthenticateOnUnsubscribe asks for signatures: sns/latest/api/API_ConfirmSubscription */
function unsigned(operation: string): AwsError {
  const message = `${operation} has to be signed: the subscription is confirmed with AuthenticateOnUnsubscribe.`;
  return new AwsError("AuthorizationError", message, 403);
}

function subscriptionOf(store: Store, { input }: SnsCall): Subscription {
  const arn = input.text("SubscriptionArn");
  checkSubscriptionArn(arn);
  return store.subscription(arn);
}

function listed(subscriptions: readonly Subscription[], token: string | undefined) {
  const { elements, next } = page(subscriptions, token);
  return {
    Subscriptions: elements.map(({ arn, isConfirmed, protocol, endpoint, topic }) => ({
      SubscriptionArn: isConfirmed ? arn : "PendingConfirmation",
      Owner: account.id,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topic.arn,
    })),
    ...next,
  };
}

/** Who subscribes, as attributes show it: a role, or the account's administrator. */
export function principalOf(caller: Principal): string {
  return caller.kind === "role" ? caller.arn : iamArn("user/administrator");
}
