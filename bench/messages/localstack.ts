import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { orderPlaced } from "#events";
import { keyOf } from "#lib/contracts/entity.ts";
import { type EventToPublish, toPublish } from "#lib/runtime/index.ts";
import { StageClient } from "#lib/testing/stage-client.ts";
import { ensureAssembly } from "../../bin/assembly.ts";
import { ASSEMBLY } from "../../bin/root.ts";
import { takeStock } from "../../bin/demo/stock-take.ts";
import { orderOf } from "../../test/support/fixtures/order.ts";
import { reservation } from "../../functions/inventory/stock.ts";
import { entry, entryId } from "../../functions/ledger/entry.ts";
import { order } from "../../functions/orders/order.ts";
import { standInSettings } from "../../functions/payments/stand-in.ts";
import { bootstrap, deploy, setParameters } from "../../test/support/localstack/deploy.ts";
import { Stopwatch } from "../../test/support/localstack/figures.ts";
import { prepareLocalStack, start } from "../../test/support/localstack/start.ts";
import { startEmbedded } from "../../test/support/target/embedded.ts";
import type { Measurement, Row } from "../measurement.ts";
import { median, milliseconds } from "../statistics.ts";

/** Orders one at a time, and orders all at once. */
const ORDERS = { warmUp: 30, alone: 40, together: 300 };

/** The services that an order goes to at once. */
const SERVICES = ["orders", "inventory", "ledger"];

/** The source of what a StageClient publishes. */
const PRODUCER = "test";

/** Products, so that orders seldom meet on a shelf. */
const SKUS = Array.from({ length: 100 }, (_, index) => `bench-${index}`);

/** Orders of one look at the tables: BatchGetItem takes a hundred keys. */
const LOOK = Math.floor(100 / SERVICES.length);

/** Milliseconds between two looks at the tables. */
const PAUSE = 3;

/** Milliseconds after which orders that are not committed will not be. */
const PATIENCE = 120_000;

/** The same app on LocalStack and on the laptop cloud, measured by the same AWS calls. Takes minutes, so it runs when asked for. */
export const localstack: Measurement = {
  name: "localstack",
  onRequest: true,
  prepare: (say) => prepareLocalStack(new Stopwatch(say), new AbortController().signal),
  async run(say) {
    await ensureAssembly();
    const { how, ...there } = await onLocalStack(say);
    const here = await onLaptopCloud(say);
    return rowsOf(here, there, how);
  },
};

/** Measures LocalStack, and ends it: the two do not run at the same time. */
async function onLocalStack(say: (line: string) => void): Promise<Figures & { readonly how: string }> {
  await using running = new AsyncDisposableStack();
  const interruption = new AbortController();
  running.defer(() => interruption.abort());
  const { signal } = interruption;
  const { localstack: emulator, paymentsUrl } = await start(running, new Stopwatch(say), signal);
  const options = { endpoint: emulator.endpoint, say, signal };
  await bootstrap(options);
  await setParameters(emulator.endpoint, standInSettings(paymentsUrl));
  await deploy({ name: "fanfare" }, options);
  return { ...(await measure(emulator.endpoint, `LocalStack ${emulator.version}`, say)), how: emulator.how };
}

async function onLaptopCloud(say: (line: string) => void): Promise<Figures> {
  const cloud = await startEmbedded(ASSEMBLY);
  try {
    return await measure(cloud.endpoint, "the laptop cloud", say);
  } finally {
    await cloud.stop();
  }
}

interface Figures {
  /** Milliseconds from the publish call until three services have committed, of each order. */
  readonly alone: readonly number[];
  /** Deliveries per second to three services. */
  readonly perSecond: number;
}

function rowsOf(here: Figures, there: Figures, how: string): Row[] {
  const [p50, p50There] = [median(here.alone), median(there.alone)];
  const seen = `Seen by looking into the tables every ${PAUSE} ms, through the same calls on both. LocalStack ${how}`;
  return [
    {
      what: "publish → committed in three services: p50, laptop cloud / LocalStack",
      measured: `${milliseconds(p50)} / ${milliseconds(p50There)}`,
      reach: "below LocalStack's",
      reached: p50 < p50There,
      comparison: `${ORDERS.alone} orders, each as soon as the one before is committed; what that led to is handled meanwhile. ${seen}`,
    },
    {
      what: "deliveries of orders to three services: laptop cloud / LocalStack",
      measured: `${here.perSecond.toFixed(0)} / ${there.perSecond.toFixed(1)} per s`,
      reach: "above LocalStack's",
      reached: here.perSecond > there.perSecond,
      comparison:
        `${ORDERS.together} orders at once, until each of ${SERVICES.join(", ")} has committed every one; what they emit is handled ` +
        `meanwhile and not counted. ${seen}`,
    },
  ];
}

async function measure(endpoint: string, name: string, say: (line: string) => void): Promise<Figures> {
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const client = new StageClient({ endpoint, region: "us-east-1", credentials }, "dev");
  await takeStock(client.clients.dynamodb, "fanfare-dev-inventory", SKUS, 1_000_000);
  say(`${name}: orders one at a time`);
  await oneByOne(client, ORDERS.warmUp);
  const alone = await oneByOne(client, ORDERS.alone);
  say(`${name}: ${ORDERS.together} orders at once`);
  const started = performance.now();
  const orders = Array.from({ length: ORDERS.together }, (_, index) => freeOrder(index));
  await client.publishAll(orders);
  await committed(client, orders);
  return { alone, perSecond: (orders.length * SERVICES.length * 1_000) / (performance.now() - started) };
}

async function oneByOne(client: StageClient, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    const one = [freeOrder(index)];
    await client.publishAll(one);
    await committed(client, one);
    times.push(performance.now() - started);
  }
  return times;
}

/** An order on its way: its event's id, and its own. */
type Published = EventToPublish & { readonly id: string; readonly orderId: string };

/** An order of one product that charges nobody. */
function freeOrder(index: number): Published {
  const placed = orderOf(crypto.randomUUID(), [SKUS[index % SKUS.length]!], 1, 0);
  return { ...toPublish(orderPlaced, placed), id: crypto.randomUUID(), orderId: placed.orderId };
}

/** Resolves when every service has committed what every order leads to. @throws Error when that does not come to be */
async function committed(client: StageClient, orders: readonly Published[]): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (let done = 0; done < orders.length;) {
    const look = orders.slice(done, done + LOOK);
    if (await areCommitted(client, look)) {
      done += look.length;
      continue;
    }
    if (performance.now() > deadline)
      throw new Error(`${orders.length - done} orders are not committed after ${PATIENCE / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Whether the order, its reservation and its event's entry in the journal are in the tables of the services. */
async function areCommitted({ clients: { dynamodb } }: StageClient, orders: readonly Published[]): Promise<boolean> {
  const look = (entity: { name: string }, ids: readonly string[]) => ({
    ConsistentRead: true,
    Keys: ids.map((id) => marshall(keyOf(entity, id))),
  });
  const orderIds = orders.map(({ orderId }) => orderId);
  const events = orders.map(({ id }) => entryId({ id, source: PRODUCER }));
  const RequestItems = {
    "fanfare-dev-orders": look(order, orderIds),
    "fanfare-dev-inventory": look(reservation, orderIds),
    "fanfare-dev-ledger": look(entry, events),
  };
  const { Responses = {} } = await dynamodb.send(new BatchGetItemCommand({ RequestItems }));
  return Object.values(Responses).every((items) => items.length === orders.length);
}
