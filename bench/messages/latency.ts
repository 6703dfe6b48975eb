import { GetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { orderPlaced, stockReserved } from "#events";
import { inboxKey } from "#lib/runtime/inbox/inbox-record.ts";
import { ensureAssembly } from "../../bin/assembly.ts";
import { orderOf } from "../../test/support/fixtures/order.ts";
import { openShop, type Shop } from "../../test/support/open-shop.ts";
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
          `its outgoing event is at the topic, both of which follow the commit. The inbox records are then looked up. ` +
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
    await commits.requireInTables(id);
  }
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

  /** @throws Error when the inbox record of a service is not there. */
  async requireInTables(eventId: string): Promise<void> {
    for (const service of SERVICES) {
      const key = { TableName: `fanfare-dev-${service}`, Key: marshall(inboxKey(service, eventId)) };
      const { Item } = await this.#dynamodb.send(new GetItemCommand(key));
      if (!Item) throw new Error(`${service} has no inbox record of ${eventId}`);
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
