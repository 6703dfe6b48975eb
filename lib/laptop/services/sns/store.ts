import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { invalidParameter, notFound } from "./refusals.ts";
import { Kept } from "./kept.ts";
import { Subscription, type SubscriptionState } from "./subscriptions/subscription.ts";
import { Topic, type TopicState } from "./topics/topic.ts";

/** The topics and subscriptions of a cloud. What is changed outside of it is kept by `save`. */
export class Store {
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #byTopic = new Map<string, Set<Subscription>>();
  /** Subscriptions that have ended and can be taken up again, by their tokens. */
  readonly #ended = new Map<string, Subscription>();
  readonly #kept: Kept | undefined;

  constructor(database: DatabaseSync | undefined) {
    this.#kept = database && new Kept(database);
    for (const state of this.#kept?.topics() ?? []) this.#addTopic(new Topic(state));
    for (const [topicArn, state] of this.#kept?.subscriptions() ?? []) {
      const topic = this.#topics.get(topicArn);
      if (topic) this.#add(new Subscription(topic, state));
    }
  }

  get topics(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  get subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  find(topicArn: string): Topic | undefined {
    return this.#topics.get(topicArn);
  }

  /** @throws AwsError NotFound */
  topic(topicArn: string): Topic {
    const topic = this.#topics.get(topicArn);
    if (topic === undefined) throw notFound("Topic");
    return topic;
  }

  findSubscription(arn: string): Subscription | undefined {
    return this.#subscriptions.get(arn);
  }

  /** @throws AwsError NotFound */
  subscription(arn: string): Subscription {
    const subscription = this.#subscriptions.get(arn);
    if (subscription === undefined) throw notFound("Subscription");
    return subscription;
  }

  subscriptionsOf(topicArn: string): ReadonlySet<Subscription> {
    return this.#byTopic.get(topicArn) ?? NONE;
  }

  create(state: TopicState): Topic {
    const topic = new Topic(state);
    this.save(topic);
    this.#addTopic(topic);
    return topic;
  }

  delete(topicArn: string): void {
    for (const subscription of this.subscriptionsOf(topicArn)) this.unsubscribe(subscription);
    this.#topics.delete(topicArn);
    this.#byTopic.delete(topicArn);
    this.#kept?.forgetTopic(topicArn);
  }

  /** Adds a subscription under a new ARN. @throws AwsError InvalidParameter */
  subscribe(topic: Topic, state: Omit<SubscriptionState, "arn">): Subscription {
    const subscription = new Subscription(topic, { ...state, arn: `${topic.arn}:${randomUUID()}` });
    this.save(subscription);
    this.#add(subscription);
    return subscription;
  }

  /** The subscription that an endpoint has already. */
  subscribed(topicArn: string, protocol: string, endpoint: string): Subscription | undefined {
    for (const it of this.subscriptionsOf(topicArn)) if (it.protocol === protocol && it.endpoint === endpoint) return it;
    return undefined;
  }

  unsubscribe(subscription: Subscription): void {
    const { arn, token, topic } = subscription;
    if (!this.#subscriptions.delete(arn)) return;
    if (token !== undefined) this.#ended.set(token, subscription);
    topic.deleted++;
    this.#byTopic.get(topic.arn)?.delete(subscription);
    this.#kept?.forgetSubscription(arn);
  }

  /** The subscription that a token confirms, or takes up again. @throws AwsError InvalidParameter */
  ofToken(token: string): Subscription {
    if (!/^[0-9a-f]+$/.test(token)) throw invalidParameter("Token");
    for (const subscription of this.#subscriptions.values()) if (subscription.token === token) return subscription;
    const ended = this.#ended.get(token);
    if (ended === undefined || !this.#topics.has(ended.topic.arn)) throw invalidParameter("Token");
    this.#ended.delete(token);
    this.#add(ended);
    return ended;
  }

  save(changed: Topic | Subscription): void {
    if (changed instanceof Topic) this.#kept?.saveTopic(changed.state);
    else this.#kept?.saveSubscription(changed.topic.arn, changed.state);
  }

  #addTopic(topic: Topic): void {
    this.#topics.set(topic.arn, topic);
    this.#byTopic.set(topic.arn, new Set());
  }

  #add(subscription: Subscription): void {
    this.#subscriptions.set(subscription.arn, subscription);
    this.#byTopic.get(subscription.topic.arn)?.add(subscription);
  }
}

const NONE: ReadonlySet<Subscription> = new Set();
