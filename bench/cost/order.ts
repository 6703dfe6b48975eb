import { orderPlaced } from "#events";
import { ensureAssembly } from "../../bin/assembly.ts";
import { orderOf } from "../../test/support/fixtures/order.ts";
import { openShop, type Shop } from "../../test/support/open-shop.ts";
import type { Row } from "../measurement.ts";
import { startMeteredTables } from "./metered-tables.ts";
import { LOG_LINE_BYTES, PRICES, REQUEST_BYTES, REQUESTS_PER_DELIVERY } from "./prices.ts";

/** Rounds of orders: whatever else the machine does makes invocations longer, so the shortest round says how long they take. */
const ROUNDS = 5;
const ORDERS = { warmUp: 20, round: 20, measured: ROUNDS * 20 };
const REACH = { writeUnits: 26, dollars: 35 };
const SKU = "85123A";

/** Of ServiceFunction's template. */
const MEMORY_GIGABYTES = 0.5;

/** What one confirmed order consumed, on the average. */
interface Consumption {
  readonly publishes: number;
  readonly publishRequests: number;
  readonly deliveries: number;
  readonly invocations: number;
  readonly billedSeconds: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly logBytes: number;
}

/** What a confirmed order costs on AWS: from measured calls, bytes and milliseconds, at list prices. */
export async function costOfOrder(say: (line: string) => void): Promise<Row[]> {
  await ensureAssembly();
  await using tables = await startMeteredTables();
  await using shop = await openShop({ dynamodb: tables.endpoint });
  await shop.fillShelves([SKU], 1_000_000);
  const meter = new Meter(shop);
  say(`warming up with ${ORDERS.warmUp} orders`);
  await placeOrders(shop, "warm-up", ORDERS.warmUp);
  tables.take();
  meter.reset();
  say(`${ORDERS.measured} orders, one at a time`);
  const seconds: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const before = meter.sum.billedSeconds;
    await placeOrders(shop, `round-${round}`, ORDERS.round);
    seconds.push(meter.sum.billedSeconds - before);
  }
  const capacity = [...tables.take().values()];
  const consumption = perOrder({
    ...meter.sum,
    billedSeconds: Math.min(...seconds) * ROUNDS,
    writeUnits: total(capacity.map(({ writeUnits }) => writeUnits)),
    readUnits: total(capacity.map(({ readUnits }) => readUnits)),
  });
  const costs = costsOf(consumption);
  const dollars = total(Object.values(costs));
  const parts = Object.entries(costs).map(([what, cost]) => `${what} $${cost.toFixed(2)}`);
  return [
    {
      what: "write units per confirmed order",
      measured: consumption.writeUnits.toFixed(1),
      reach: `≤ ${REACH.writeUnits}`,
      reached: consumption.writeUnits <= REACH.writeUnits,
      comparison:
        `By the engine's ConsumedCapacity, on the average of ${ORDERS.measured} orders over five services: ` +
        `${consumption.deliveries.toFixed(1)} handlings, ${consumption.publishes.toFixed(1)} events, ${consumption.readUnits.toFixed(1)} read units`,
    },
    {
      what: "dollars per million orders, us-east-1, batch size 1",
      measured: `$${dollars.toFixed(2)}`,
      reach: `≤ $${REACH.dollars}`,
      reached: dollars <= REACH.dollars,
      comparison:
        `List prices without free tiers: ${parts.join(", ")}. Each handling is counted as an invocation, with the milliseconds measured here, ` +
        `rounded up to one (${(consumption.billedSeconds * 1_000).toFixed(0)} ms per order in the shortest of ${ROUNDS} rounds; DynamoDB is ` +
        `nearer than on AWS), and ` +
        `${(consumption.logBytes / 1_024).toFixed(1)} KB of logs (Lambda's own lines are off at WARN). Without SES, which takes $100 for a million e-mails`,
    },
  ];
}

async function placeOrders(shop: Shop, prefix: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await shop.cloud.publish(orderPlaced, orderOf(`${prefix}-${index}`, [SKU]));
    await shop.cloud.cloud.settled();
  }
}

/** Adds up what the cloud says of itself. */
class Meter {
  sum = nothing();

  constructor({ cloud: { cloud } }: Shop) {
    cloud.activity.subscribe((activity) => {
      const { sum } = this;
      if (activity.kind === "publish") {
        sum.publishes++;
        sum.publishRequests += Math.ceil(activity.bytes / REQUEST_BYTES);
      } else if (activity.kind === "log") {
        sum.logBytes += Buffer.byteLength(activity.line) + LOG_LINE_BYTES;
      } else if (activity.kind === "invocation") {
        sum.deliveries += activity.records;
        sum.invocations += activity.records;
        sum.billedSeconds += (activity.records * Math.ceil(activity.durationMilliseconds / activity.records)) / 1_000;
      }
    });
  }

  reset(): void {
    this.sum = nothing();
  }
}

function nothing() {
  return { publishes: 0, publishRequests: 0, deliveries: 0, invocations: 0, billedSeconds: 0, logBytes: 0 };
}

function perOrder(sums: Consumption): Consumption {
  const share = (sum: number): number => sum / ORDERS.measured;
  return {
    publishes: share(sums.publishes),
    publishRequests: share(sums.publishRequests),
    deliveries: share(sums.deliveries),
    invocations: share(sums.invocations),
    billedSeconds: share(sums.billedSeconds),
    writeUnits: share(sums.writeUnits),
    readUnits: share(sums.readUnits),
    logBytes: share(sums.logBytes),
  };
}

/** Dollars per million orders, by what is paid for. */
function costsOf(order: Consumption): Record<string, number> {
  const million = (dollars: number): number => dollars * 1_000_000;
  return {
    SNS: million(order.publishRequests * PRICES.snsRequest),
    SQS: million(order.deliveries * REQUESTS_PER_DELIVERY * PRICES.sqsRequest),
    Lambda: million(order.invocations * PRICES.invocation + order.billedSeconds * MEMORY_GIGABYTES * PRICES.gigabyteSecond),
    "DynamoDB writes": million(order.writeUnits * PRICES.writeUnit),
    reads: million(order.readUnits * PRICES.readUnit),
    logs: million((order.logBytes / 1e9) * PRICES.logGigabyte),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
