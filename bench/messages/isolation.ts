import { SNSClient } from "@aws-sdk/client-sns";
import { createPublisher, type Publisher, toPublish } from "#lib/runtime/index.ts";
import { weatherMeasured } from "../../test/support/fixtures/moody-project/events.ts";
import { type Mood, type MoodyCloud, startMoodyCloud } from "../../test/support/fixtures/moody-project/moody-cloud.ts";
import type { Measurement, Row } from "../measurement.ts";
import { milliseconds, quantile, seconds } from "../statistics.ts";

/** What goes wrong with one service, each after a time in which it is well. */
const MOODS: readonly Mood[] = ["stopped", "crashing", "slow"];

const EVENTS_PER_SECOND = 200;

/** Events are published in as many requests of SNS's batch size. */
const CHUNK = 10;

const SECONDS = { warmUp: 5, well: 30, ill: 60 };

const REACH = 1.2;

/** The services that nothing is wrong with. */
const OTHERS = ["north", "south"];

/** How much slower other services get while one of them is stopped, crashes or is slow, at a steady rate of events. */
export const isolation: Measurement = {
  name: "isolation",
  async run(say) {
    await using moods = await startMoodyCloud();
    const flow = new Flow(moods);
    say("warming up");
    await flow.run("warm-up", SECONDS.warmUp);
    const rows: Row[] = [];
    for (const mood of MOODS) {
      say(`${SECONDS.well} s well, then ${SECONDS.ill} s ${mood}`);
      const well = await flow.run("well", SECONDS.well);
      await moods.be(mood);
      const ill = await flow.run(mood, SECONDS.ill);
      const started = performance.now();
      await moods.be("well");
      await moods.cloud.settle();
      rows.push(rowOf(mood, well, ill, performance.now() - started));
    }
    await flow.requireAll();
    return rows;
  },
};

function rowOf(mood: Mood, well: readonly number[], ill: readonly number[], drained: number): Row {
  const [before, during] = [quantile(well, 0.99), quantile(ill, 0.99)];
  const ratio = during / before;
  return {
    what: `one service ${mood}: the others' p99 against before`,
    measured: `${ratio.toFixed(2)} ×`,
    reach: `≤ ${REACH} ×`,
    reached: ratio <= REACH,
    comparison:
      `${EVENTS_PER_SECOND} events per s, publish → done at ${OTHERS.join(" and ")}: p99 ${milliseconds(before)} over ${SECONDS.well} s with ` +
      `all three well, ${milliseconds(during)} over ${SECONDS.ill} s with one ${mood}; medians ${milliseconds(quantile(well, 0.5))} and ` +
      `${milliseconds(quantile(ill, 0.5))}. The backlog was made up for ${seconds(drained)} after it was well, and nothing was lost`,
  };
}

/** Publishes at a steady rate, and sees when the others have handled each event. */
class Flow {
  readonly #moods: MoodyCloud;
  readonly #publisher: Publisher;
  /** When each event of the phase was published, by `performance.now()`. */
  readonly #published = new Map<string, number>();
  #latencies: number[] = [];
  #count = 0;

  constructor(moods: MoodyCloud) {
    this.#moods = moods;
    const { cloud } = moods.cloud;
    const client = { endpoint: cloud.endpoint, region: "us-east-1", credentials: { accessKeyId: "x", secretAccessKey: "x" } };
    const topicArns = new Map([["weather", "arn:aws:sns:us-east-1:000000000000:fanfare-dev-weather"]]);
    this.#publisher = createPublisher({ source: "bench", topicArns, sns: new SNSClient(client) });
    cloud.activity.subscribe((activity) => {
      if (activity.kind === "log") this.#note(activity.line);
    });
  }

  /** Milliseconds from publishing until done, for each event of a phase at each of the others. @throws Error when one of them does not finish */
  async run(phase: string, duration: number): Promise<number[]> {
    this.#latencies = [];
    const events = duration * EVENTS_PER_SECOND;
    await this.#publish(`${phase} ${this.#count}`, events);
    const deadline = performance.now() + 60_000;
    while (this.#latencies.length < events * OTHERS.length) {
      if (performance.now() > deadline) throw new Error(`${phase}: the others have not handled everything`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#published.clear();
    return this.#latencies;
  }

  /** @throws Error when a service has not written exactly an item and an inbox record per event, and the note of where its inbox lies. */
  async requireAll(): Promise<void> {
    const { tables } = await this.#moods.cloud.cloud.status();
    const expected = 2 * this.#count + 1;
    const wrong = tables.find(({ items }) => items !== expected);
    if (wrong) throw new Error(`the table ${wrong.name} has ${wrong.items} items: expected ${expected}`);
  }

  /** Publishes some events, each chunk when its time has come; one that is late is not made up for by waiting less. */
  async #publish(prefix: string, events: number): Promise<void> {
    const calls: Promise<unknown>[] = [];
    const started = performance.now();
    for (let sent = 0; sent < events; sent += CHUNK) {
      const due = started + (sent / EVENTS_PER_SECOND) * 1_000;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      calls.push(this.#publishChunk(prefix, sent));
    }
    await Promise.all(calls);
  }

  async #publishChunk(prefix: string, first: number): Promise<void> {
    const ids = Array.from({ length: CHUNK }, (_, index) => `${prefix} ${first + index}`);
    this.#count += CHUNK;
    for (const id of ids) this.#published.set(id, performance.now());
    const results = await this.#publisher.publishAll(
      ids.map((id) => toPublish(weatherMeasured, { ...weatherMeasured.example, key: id }, { id })),
    );
    if (results.some(({ status }) => status === "failed")) throw new Error("an event was not published");
  }

  #note(line: string): void {
    if (!line.includes('"outcome":"done"') || !OTHERS.some((name) => line.includes(`"service":"${name}"`))) return;
    const at = this.#published.get(/"event":\{"id":"([^"]*)"/.exec(line)?.[1] ?? "");
    if (at !== undefined) this.#latencies.push(performance.now() - at);
  }
}
