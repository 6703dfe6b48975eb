import { account } from "../../../shared/account.ts";
import { effectiveTopicPolicy, keptTopicPolicy } from "../delivery-policy.ts";
import { USUAL_MESSAGE_BYTES } from "./message-size.ts";
import { defaultTopicPolicy } from "./topic-policy.ts";
import { checkTopicAttribute } from "./topic-attributes.ts";

/** What of a topic is kept across restarts. */
export interface TopicState {
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export class Topic {
  readonly arn: string;
  readonly name: string;
  readonly isFifo: boolean;
  readonly tags: Map<string, string>;
  readonly #attributes: Map<string, string>;
  /** Subscriptions that have ended since the start. */
  deleted = 0;
  /** Messages published since the start. */
  published = 0;

  /** Takes a state that has been checked, or kept. */
  constructor({ arn, attributes, tags }: TopicState) {
    this.arn = arn;
    this.name = arn.slice(arn.lastIndexOf(":") + 1);
    this.isFifo = attributes["FifoTopic"]?.toLowerCase() === "true";
    this.#attributes = new Map(Object.entries(attributes));
    if (!this.isFifo) this.#attributes.delete("FifoTopic");
    this.tags = new Map(Object.entries(tags));
  }

  get state(): TopicState {
    return { arn: this.arn, attributes: Object.fromEntries(this.#attributes), tags: Object.fromEntries(this.tags) };
  }

  /** Bytes of a message, and of a batch together. */
  get maximumMessageBytes(): number {
    return Number(this.attribute("MaximumMessageSize") ?? USUAL_MESSAGE_BYTES);
  }

  attribute(name: string): string | undefined {
    return this.#attributes.get(name);
  }

  /** Sets an attribute; an empty value unsets it. @throws AwsError InvalidParameter */
  set(name: string, value: string): void {
    checkTopicAttribute(name, value, this.isFifo, false);
    const kept = name === "DeliveryPolicy" ? keptTopicPolicy(value) : value;
    if (kept === undefined || (kept === "" && name !== "DisplayName")) this.#attributes.delete(name);
    else this.#attributes.set(name, kept);
  }

  /** Replaces all attributes, as a changed template does. */
  replace(attributes: Readonly<Record<string, string>>): void {
    this.#attributes.clear();
    if (this.isFifo) this.#attributes.set("FifoTopic", "true");
    for (const [name, value] of Object.entries(attributes)) if (name !== "FifoTopic") this.set(name, value);
  }

  /** Whether a topic that is to be created is this one: what is given of it must be the same. */
  hasAttributes(given: Readonly<Record<string, string>>): boolean {
    return Object.entries(given).every(([name, value]) => {
      if (name === "FifoTopic") return (value.toLowerCase() === "true") === this.isFifo;
      const wanted = name === "DeliveryPolicy" ? keptTopicPolicy(value) : value;
      return (this.shown[name] ?? "") === (wanted ?? "");
    });
  }

  hasTags(given: Readonly<Record<string, string>>): boolean {
    return Object.entries(given).every(([key, value]) => this.tags.get(key) === value);
  }

  /** Its attributes as GetTopicAttributes shows them, less the counts of subscriptions. */
  get shown(): Record<string, string> {
    return {
      DisplayName: "",
      ...(this.isFifo && { ContentBasedDeduplication: "false" }),
      Policy: defaultTopicPolicy(this.arn),
      ...Object.fromEntries(this.#attributes),
      EffectiveDeliveryPolicy: effectiveTopicPolicy(this.attribute("DeliveryPolicy")),
      Owner: account.id,
      TopicArn: this.arn,
    };
  }
}
