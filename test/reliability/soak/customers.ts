import { setTimeout as pause } from "node:timers/promises";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { orderCancelled, orderPlaced } from "#events";
import { createEnvelope, type Envelope } from "#lib/contracts/index.ts";
import type { Random } from "../../support/random.ts";
import { clientSettings } from "./client-settings.ts";

/** The products that are ordered. */
export const SKUS = Array.from({ length: 12 }, (_, index) => `SOAK-${index + 1}`);

/** One order in so many is called off, right after it was placed. */
const CANCEL_EVERY = 10;

/** Between two attempts at one publish, while the cloud is away, in milliseconds. */
const PAUSE_MILLISECONDS = 25;

const TOPIC = "arn:aws:sns:us-east-1:000000000000:fanfare-dev-orders";

/** The producers, who live outside the cloud: each publishes an event again, under the same id, until SNS has acknowledged it. */
export class Customers {
  readonly #random: Random;
  readonly #acknowledged: Envelope[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #sns = new SNSClient(clientSettings("http://127.0.0.1:1"));
  #placed = 0;
  #attempts = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The events that SNS has acknowledged. */
  get acknowledged(): readonly Envelope[] {
    return this.#acknowledged;
  }

  /** Publish calls made, those that failed among them. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Where the cloud is now. */
  connect(endpoint: string): void {
    this.#sns = new SNSClient(clientSettings(endpoint));
  }

  /** Begins to place some orders, and waits for none of them. */
  place(count: number): void {
    for (let left = count; left > 0; left--) {
      const events = this.#order();
      const work = this.#publishAll(events).finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
    }
  }

  /** Resolves when every event has been acknowledged. */
  async allAcknowledged(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** An order of one to three products, and for some its cancellation. */
  #order(): Envelope[] {
    const number = ++this.#placed;
    const orderId = `soak-${number}`;
    const lines = this.#random
      .shuffled(SKUS)
      .slice(0, 1 + this.#random.below(3))
      .map((sku) => ({ sku, description: `product ${sku}`, quantity: 1 + this.#random.below(3), unitPrice: 100 }));
    const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
    const email = `customer-${number}@shop.example`;
    const placed = createEnvelope(
      orderPlaced,
      { orderId, customer: { email, country: "United Kingdom" }, currency: "GBP", lines, charges: [], total },
      { source: "soak", id: `placed-${number}` },
    );
    if (number % CANCEL_EVERY !== 0) return [placed];
    const cancellation = { orderId, email, reason: "changed their mind" };
    return [placed, createEnvelope(orderCancelled, cancellation, { source: "soak", id: `cancelled-${number}` })];
  }

  async #publishAll(events: readonly Envelope[]): Promise<void> {
    for (const event of events) await this.#publish(event);
  }

  async #publish(event: Envelope): Promise<void> {
    const message = {
      TopicArn: TOPIC,
      Message: JSON.stringify(event),
      MessageAttributes: { type: { DataType: "String", StringValue: event.type } },
    };
    for (;;) {
      this.#attempts++;
      try {
        await this.#sns.send(new PublishCommand(message));
        break;
      } catch {
        await pause(PAUSE_MILLISECONDS);
      }
    }
    this.#acknowledged.push(event);
  }
}
