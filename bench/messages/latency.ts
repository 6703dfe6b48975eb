import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { orderPlaced, stockReserved } from "#events";
import { ensureAssembly } from "../../bin/assembly.ts";
import { orderOf } from "../../test/support/fixtures/order.ts";
import { openShop, type Shop } from "../../test/support/open-shop.ts";
import { handledEvents } from "../../test/support/target/handled-events.ts";
import type { Measurement } from "../measurement.ts";
import { median, milliseconds, quantile } from "../statistics.ts";

const SAMPLES = { warmUp: 300, measured: 400 };
const REACH_MILLISECONDS = { p50: 6, p99: 20 };

/** The services that an order goes to at once. */
const SERVICES = ["orders", "inventory", "ledger"];

const SKU = "85123A";

/** How long it takes from publishing an order until three services have committed it, with nothing else to do. */
export const latency: Measurement = {
  name: "latency",
  async run(say) {
    await ensureAssembly();
    await using shop = await openShop();
    await shop.fillShelves([SKU], 1_000_000);
    const commits = new Commits(shop);
    say(`warming up with ${SAMPLES.warmUp} orders`);
    await takeSamples(shop, commits, "warm-up", SAMPLES.warmUp);
    say(`${SAMPLES.measured} orders, one at a time`);
    const samples = await takeSamples(shop, commits, "sample", SAMPLES.measured);
    const all = samples.map(({ all }) => all);
    const [p50, p99] = [median(all), quantile(all, 0.99)];
    const alone = SERVICES.map((name) => `${name} ${milliseconds(median(samples.map(({ each }) => each[name]!)))}`);
    return [
      {
        what: "publish → committed in three services, idle: p50 / p99",
        measured: `${milliseconds(p50)} / ${milliseconds(p99)}`,
        reach: `≤ ${REACH_MILLISECONDS.p50} ms / ≤ ${REACH_MILLISECONDS.p99} ms`,
        reached: p50 <= REACH_MILLISECONDS.p50 && p99 <= REACH_MILLISECONDS.p99,
        comparison:
          `One order at a time. From before the publish call until each service is seen to have committed: its log says "event done", or ` +
          `its outgoing event is at the topic, both of which follow the commit. The tables are then asked if they know of it. ` +
          `Median of each: ${alone.join(", ")}. ` +
          `The publish call alone: ${milliseconds(median(samples.map(({ published }) => published)))}`,
      },
    ];
  },
};

/** Milliseconds since the publish call began. */
interface Sample {
  /** Until the call had returned. */
  readonly published: number;
  /** Until each service had committed. */
  readonly each: Readonly<Record<string, number>>;
  /** Until the last one had. */
  readonly all: number;
}

async function takeSamples(shop: Shop, commits: Commits, prefix: string, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const id = crypto.randomUUID();
    const committed = commits.of(id);
    const started = performance.now();
    await shop.cloud.publish(orderPlaced, orderOf(`${prefix}-${index}`, [SKU]), { id });
    const published = performance.now() - started;
    const at = await committed;
    const each = Object.fromEntries([...at].map(([service, time]) => [service, time - started]));
    samples.push({ published, each, all: Math.max(...Object.values(each)) });
    await shop.cloud.cloud.settled();
    ids.push(id);
  }
  await commits.requireInTables(ids);
  return samples;
}

/** Sees commits by what services do right after them: the log line on the event, or what they publish. */
class Commits {
  readonly #dynamodb: DynamoDBClient;
  #eventId = "";
  #at = new Map<string, number>();
  #resolve = (_at: Map<string, number>): void => {};

  constructor({ cloud: { cloud } }: Shop) {
    this.#dynamodb = new DynamoDBClient({
      endpoint: cloud.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    });
    cloud.activity.subscribe((activity) => {
      if (activity.kind === "log") this.#noteLine(activity.line);
      // Only one order is on its way, and what a service emits leaves it after the commit.
      if (activity.kind === "publish" && activity.type === stockReserved.type) this.#note("inventory");
    });
  }

  /** When each service will have committed an event, by `performance.now()`. */
  of(eventId: string): Promise<Map<string, number>> {
    this.#eventId = eventId;
    this.#at = new Map();
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  /** @throws Error when the inbox of a service does not have all events. */
  async requireInTables(eventIds: readonly string[]): Promise<void> {
    for (const name of SERVICES) {
      const handled = await handledEvents(this.#dynamodb, `fanfare-dev-${name}`, { name });
      const missing = eventIds.find((id) => !handled.has(id));
      if (missing !== undefined) throw new Error(`the inbox of ${name} does not have ${missing}`);
    }
  }

  #noteLine(line: string): void {
    if (!line.includes(`"event":{"id":"${this.#eventId}"`) || !line.includes('"outcome":"done"')) return;
    this.#note(SERVICES.find((name) => line.includes(`"service":"${name}"`)));
  }

  #note(service: string | undefined): void {
    if (service === undefined || this.#at.has(service)) return;
    this.#at.set(service, performance.now());
    if (this.#at.size === SERVICES.length) this.#resolve(this.#at);
  }
}
