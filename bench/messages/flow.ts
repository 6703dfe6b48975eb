import { setTimeout as delay } from "node:timers/promises";
import { SNSClient } from "@aws-sdk/client-sns";
import { createPublisher, type Publisher, toPublish } from "#lib/runtime/index.ts";
import type { TestCloud } from "#lib/testing/index.ts";
import { sampleTaken } from "../fixture/contract.ts";

/** Services of the fixture, each of which handles every event. */
export const SERVICES = 3;

/** Events published and not yet handled by all services: enough that every batch is full, few enough for a steady state. */
const BACKLOG = 300;

/** Events of one publish call: one request to SNS. */
const CHUNK = 10;

/** Keeps the services of the fixture in events. */
export class Flow {
  readonly #cloud: TestCloud;
  readonly #publisher: Publisher;
  #published = 0;
  #delivered = 0;
  #onDelivery = (): void => {};

  constructor(cloud: TestCloud) {
    this.#cloud = cloud;
    const client = {
      endpoint: cloud.cloud.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
    };
    const topicArns = new Map([["samples", "arn:aws:sns:us-east-1:000000000000:fanfare-dev-samples"]]);
    this.#publisher = createPublisher({ source: "bench", topicArns, sns: new SNSClient(client) });
    cloud.cloud.activity.subscribe((activity) => {
      if (activity.kind !== "invocation") return;
      this.#delivered += activity.records;
      this.#onDelivery();
    });
  }

  /** Events that have been published. */
  get published(): number {
    return this.#published;
  }

  /** Publishes some events, as fast as they are handled and no faster, and waits until each service has handled every one. */
  async pass(events: number): Promise<void> {
    const goal = this.#published + events;
    while (this.#published < goal) {
      if (this.#published - this.#delivered / SERVICES >= BACKLOG) await this.#nextDelivery();
      else await this.#publishChunk();
    }
    await this.#cloud.cloud.settled(60_000);
  }

  /**
   * Publishes some events per second for some milliseconds; fewer where the services do not keep up, so that what waits for them does not
   * grow.
   */
  async pace(perSecond: number, milliseconds: number): Promise<void> {
    const [started, before] = [performance.now(), this.#published];
    for (let elapsed = 0; elapsed < milliseconds; elapsed = performance.now() - started) {
      const ahead = this.#published - before - (perSecond * elapsed) / 1_000;
      if (ahead > 0) await delay((ahead * 1_000) / perSecond);
      else if (this.#published - this.#delivered / SERVICES >= perSecond) await this.#nextDelivery();
      else await this.#publishChunk();
    }
  }

  async #publishChunk(): Promise<void> {
    const chunk = Array.from({ length: CHUNK }, (_, index) =>
      toPublish(sampleTaken, { ...sampleTaken.example, sampleId: String(this.#published + index) }),
    );
    this.#published += CHUNK;
    const results = await this.#publisher.publishAll(chunk);
    if (results.some(({ status }) => status === "failed")) throw new Error("an event was not published");
  }

  #nextDelivery(): Promise<void> {
    return new Promise((resolve) => (this.#onDelivery = resolve));
  }
}
