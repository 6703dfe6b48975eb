import { arn } from "../../../shared/account.ts";
import { defaultAttributes, type QueueAttributes, type QueueSettings, settingsOf, withAttributes } from "./attributes.ts";

/** What a queue is, whatever it holds: name, attributes, tags. */
export abstract class QueueProperties {
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  #modifiedAt: number;
  #attributes: QueueAttributes;
  #settings: QueueSettings;
  #tags: Readonly<Record<string, string>> = {};

  constructor(name: string, attributes: QueueAttributes, createdAt: number) {
    this.name = name;
    this.arn = arn("sqs", name);
    this.fifo = name.endsWith(".fifo");
    this.createdAt = this.#modifiedAt = createdAt;
    this.#attributes = withAttributes(defaultAttributes(this.fifo), attributes);
    this.#settings = settingsOf(this.#attributes);
  }

  get attributes(): QueueAttributes {
    return this.#attributes;
  }

  /** What the attributes mean. */
  get settings(): QueueSettings {
    return this.#settings;
  }

  get tags(): Readonly<Record<string, string>> {
    return this.#tags;
  }

  /** When an attribute was set last, in epoch milliseconds. */
  get modifiedAt(): number {
    return this.#modifiedAt;
  }

  /** Sets attributes that have been checked; an empty text takes one away. */
  setAttributes(attributes: QueueAttributes): void {
    this.#follow(withAttributes(this.#attributes, attributes));
  }

  /** Sets attributes that have been checked; all others go back to their defaults, but for the policy. */
  resetAttributes(attributes: QueueAttributes): void {
    const { Policy: policy = "" } = this.#attributes;
    this.#follow(withAttributes(defaultAttributes(this.fifo), { Policy: policy, ...attributes }));
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    this.#tags = tags;
    this.changed();
  }

  protected restoreProperties(tags: Readonly<Record<string, string>>, modifiedAt: number): void {
    this.#tags = tags;
    this.#modifiedAt = modifiedAt;
  }

  /** Epoch milliseconds. */
  protected abstract now(): number;

  /** Called after a property has changed. */
  protected abstract changed(): void;

  #follow(attributes: QueueAttributes): void {
    const former = { attributes: this.#attributes, settings: this.#settings, modifiedAt: this.#modifiedAt };
    this.#attributes = attributes;
    this.#settings = settingsOf(attributes);
    this.#modifiedAt = this.now();
    try {
      this.changed();
    } catch (error) {
      // What is refused has not happened.
      ({ attributes: this.#attributes, settings: this.#settings, modifiedAt: this.#modifiedAt } = former);
      throw error;
    }
  }
}
