import { account } from "../../../shared/account.ts";
import { invalidParameter } from "../refusals.ts";
import { FilterPolicy, type FilterScope, NestedPolicy } from "../filters/filter-policy.ts";
import { effectiveSubscriptionPolicy, shownSubscriptionPolicy } from "../delivery-policy.ts";
import { deadLetterArn } from "../../../shared/redrive-policy.ts";
import type { Topic } from "../topics/topic.ts";
import { isSubscriptionAttribute, keptAttribute, keptFilterPolicy } from "./subscription-attributes.ts";

/** What of a subscription is kept across restarts. */
export interface SubscriptionState {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** ARN of who subscribed. */
  readonly principal: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What confirms it; undefined where nothing has to. */
  readonly token?: string;
  readonly confirmed: boolean;
  /** Whether the confirmation was signed. */
  readonly authenticated: boolean;
  /** AuthenticateOnUnsubscribe: whether only a signed call ends it. @default false */
  readonly endsSigned?: boolean;
  /** Whether a template has it, and not a call. */
  readonly ofTemplate: boolean;
}

const DEFAULTS: Readonly<Record<string, string>> = { RawMessageDelivery: "false", FilterPolicyScope: "MessageAttributes" };

export class Subscription {
  readonly topic: Topic;
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly principal: string;
  readonly token: string | undefined;
  isConfirmed: boolean;
  isAuthenticated: boolean;
  endsSigned: boolean;
  isOfTemplate: boolean;
  #attributes = new Map<string, string>();
  #filter: FilterPolicy | undefined;

  /** @throws AwsError InvalidParameter for attributes that SNS refuses */
  constructor(topic: Topic, state: SubscriptionState) {
    this.topic = topic;
    this.arn = state.arn;
    this.protocol = state.protocol;
    this.endpoint = state.endpoint;
    this.principal = state.principal;
    this.token = state.token;
    this.isConfirmed = state.confirmed;
    this.isAuthenticated = state.authenticated;
    this.endsSigned = state.endsSigned ?? false;
    this.isOfTemplate = state.ofTemplate;
    this.#replace(state.attributes, "Attributes Reason: ");
  }

  get state(): SubscriptionState {
    const { arn, protocol, endpoint, principal, token, isConfirmed, isAuthenticated, endsSigned, isOfTemplate } = this;
    return {
      arn,
      protocol,
      endpoint,
      principal,
      attributes: Object.fromEntries(this.#attributes),
      confirmed: isConfirmed,
      authenticated: isAuthenticated,
      endsSigned,
      ofTemplate: isOfTemplate,
      ...(token !== undefined && { token }),
    };
  }

  attribute(name: string): string | undefined {
    return this.#attributes.get(name) ?? DEFAULTS[name];
  }

  get filter(): FilterPolicy | undefined {
    return this.#filter;
  }

  get isRaw(): boolean {
    return this.attribute("RawMessageDelivery") === "true";
  }

  get deadLetterQueue(): string | undefined {
    return deadLetterArn(this.attribute("RedrivePolicy"));
  }

  /** Sets an attribute; an empty value unsets it. @throws AwsError InvalidParameter */
  set(name: string, value: string): void {
    if (!isSubscriptionAttribute(name)) throw invalidParameter("AttributeName");
    this.#replace({ ...Object.fromEntries(this.#attributes), [name]: value }, "");
  }

  /** Replaces all attributes, as a changed template does. @throws AwsError InvalidParameter */
  replace(attributes: Readonly<Record<string, string>>): void {
    this.#replace(attributes, "Attributes Reason: ");
  }

  /** Whether what a repeated Subscribe gives is what this has already. */
  hasAttributes(given: Readonly<Record<string, string>>): boolean {
    return Object.entries(given).every(([name, value]) => {
      const wanted = name === "RawMessageDelivery" ? value.toLowerCase() : value;
      return (this.attribute(name) ?? "") === (name === "FilterPolicy" ? keptFilterPolicy(wanted) : wanted);
    });
  }

  /** As GetSubscriptionAttributes shows it. */
  get shown(): Record<string, string> {
    const { FilterPolicyScope: scope, DeliveryPolicy: delivery, ...attributes } = Object.fromEntries(this.#attributes);
    const byHttp = this.protocol.startsWith("http");
    return {
      RawMessageDelivery: "false",
      ...attributes,
      ...("FilterPolicy" in attributes && { FilterPolicyScope: scope ?? "MessageAttributes" }),
      ...(delivery !== undefined && { DeliveryPolicy: shownSubscriptionPolicy(delivery) }),
      ...(byHttp && { EffectiveDeliveryPolicy: effectiveSubscriptionPolicy(delivery, this.topic.attribute("DeliveryPolicy")) }),
      ConfirmationWasAuthenticated: String(this.isAuthenticated),
      Endpoint: this.endpoint,
      Owner: account.id,
      PendingConfirmation: String(!this.isConfirmed),
      Protocol: this.protocol,
      SubscriptionArn: this.arn,
      SubscriptionPrincipal: this.principal,
      TopicArn: this.topic.arn,
    };
  }

  #replace(given: Readonly<Record<string, string>>, prefix: string): void {
    const unknown = Object.keys(given).find((name) => !isSubscriptionAttribute(name));
    if (unknown !== undefined) throw invalidParameter(`${prefix}Unknown attribute: ${unknown}`);
    const subscribed = { endpoint: this.endpoint, isFifoTopic: this.topic.isFifo };
    try {
      const kept = new Map(Object.entries(given).map(([name, value]) => [name, keptAttribute(name, value, subscribed)]));
      for (const [name, value] of kept) if (value === "") kept.delete(name);
      this.#filter = filterOf(kept);
      this.#attributes = kept;
    } catch (thrown) {
      if (prefix === "" && thrown instanceof NestedPolicy) throw invalidParameter(thrown.message);
      if (thrown instanceof Error) throw invalidParameter(`${prefix}${nameFilterPolicy(thrown)}`);
      throw thrown;
    }
  }
}

function filterOf(attributes: ReadonlyMap<string, string>): FilterPolicy | undefined {
  const text = attributes.get("FilterPolicy");
  if (text === undefined) return undefined;
  const scope: FilterScope = attributes.get("FilterPolicyScope") === "MessageBody" ? "MessageBody" : "MessageAttributes";
  return new FilterPolicy(text, scope);
}

function nameFilterPolicy({ name, message }: Error): string {
  return name === "InvalidPattern" ? `FilterPolicy: ${message}` : message;
}
