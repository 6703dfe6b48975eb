import type { Context, SQSEvent } from "aws-lambda";
import { orderPlaced } from "#events";
import {
  type AnyEntityDefinition,
  type AnyEventDefinition,
  createEnvelope,
  type DataOf,
  defineService,
  type ItemOf,
} from "#lib/contracts/index.ts";
import type { Clients } from "#lib/runtime/lambda/clients.ts";
import type { Handler } from "#lib/runtime/consumer.ts";
import { consumer } from "#lib/runtime/index.ts";
import { order } from "../../functions/orders/order.ts";
import { sample, sampleTaken } from "../fixture/contract.ts";
import type { Measurement } from "../measurement.ts";
import { median } from "../statistics.ts";

const RECORDS = 10;
const REACH_RATIO = 5;

/** Rounds of both, taken in turns, and the time that each lasts. */
const ROUNDS = 30;
const ROUND_MILLISECONDS = 50;
const WARM_UP_ROUNDS = 10;

/** What the runtime itself costs per record: clients answer at once, and log lines are made but go nowhere. */
export const overhead: Measurement = {
  name: "overhead",
  async run(say) {
    say("the reference system's order");
    const ofOrder = await compare(
      caseOf(orderPlaced, order, ({ orderId, total, currency }) => ({ orderId, total, currency, status: "placed" as const })),
    );
    say("an event of two texts");
    const ofLeast = await compare(caseOf(sampleTaken, sample, (data) => data));
    return [
      {
        what: `runtime overhead per record, batch of ${RECORDS}, without I/O`,
        measured: `${ofOrder.ratio.toFixed(1)} ×`,
        reach: `≤ ${REACH_RATIO} ×`,
        reached: ofOrder.ratio <= REACH_RATIO,
        comparison:
          `Medians of ${ROUNDS} rounds, taken in turns. The consumer, which writes one item and its inbox record and makes a log line, ` +
          `on order.placed.v1's example: ${microseconds(ofOrder.runtime)}; a loop that parses the same body and validates its data: ` +
          `${microseconds(ofOrder.loop)}. On an event of two texts: ${microseconds(ofLeast.runtime)} and ${microseconds(ofLeast.loop)}, ` +
          `${ofLeast.ratio.toFixed(1)} ×`,
      },
    ];
  },
};

/** What is called in turns: each handles the same batch. */
interface Case {
  readonly runtime: () => unknown;
  readonly loop: () => void;
}

function caseOf<Event extends AnyEventDefinition, Entity extends AnyEntityDefinition>(
  event: Event,
  entity: Entity,
  itemOf: (data: DataOf<Event>) => ItemOf<Entity>,
): Case {
  const service = defineService("bench", "Writes one item for each event.", {
    consumes: [event],
    publishes: [],
    owns: [entity],
  });
  const batch = batchOf(event);
  // oxlint-disable-next-line typescript/no-unsafe-argument -- Event's data; any event's is any
  const handler: Handler<AnyEventDefinition, typeof service> = ({ data }, unit) => unit.put(entity, itemOf(data));
  const handle = consumer(service, handler, { config, clients: answeringAtOnce });
  return {
    runtime: () => handle(batch, context),
    loop: () => batch.Records.forEach(({ body }) => parseAndValidate(event, body)),
  };
}

/** The least that any consumer has to do. */
function parseAndValidate(event: AnyEventDefinition, body: string): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made above; the schema checks what counts
  const { data } = JSON.parse(body) as { data: unknown };
  const result = event.schema["~standard"].validate(data);
  if (result instanceof Promise || result.issues) throw new Error(`the example of ${event.type} is not valid`);
}

/** Microseconds per record of both, and how many times the loop the runtime takes. */
async function compare({ runtime, loop }: Case): Promise<{ runtime: number; loop: number; ratio: number }> {
  const times: { readonly runtime: number; readonly loop: number }[] = [];
  const restore = silenceOutput();
  try {
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      const time = { runtime: await timePerRecord(runtime), loop: await timePerRecord(loop) };
      if (round >= 0) times.push(time);
    }
  } finally {
    restore();
  }
  const medians = { runtime: median(times.map((time) => time.runtime)), loop: median(times.map((time) => time.loop)) };
  return { ...medians, ratio: medians.runtime / medians.loop };
}

/** Microseconds per record, over one round. */
async function timePerRecord(call: () => unknown): Promise<number> {
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < ROUND_MILLISECONDS) {
    await call();
    calls++;
  }
  return ((performance.now() - started) * 1_000) / (calls * RECORDS);
}

function batchOf(event: AnyEventDefinition): SQSEvent {
  return {
    Records: Array.from({ length: RECORDS }, (_, index) => ({
      messageId: crypto.randomUUID(),
      receiptHandle: String(index),
      body: JSON.stringify(createEnvelope(event, event.example, { source: "bench" })),
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "0",
        SenderId: "bench",
        ApproximateFirstReceiveTimestamp: "0",
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:bench",
      awsRegion: "us-east-1",
    })),
  };
}

const config = {
  service: "bench",
  version: "bench",
  table: "bench",
  queueUrl: "http://127.0.0.1/bench",
  deadLetterQueueUrl: "http://127.0.0.1/bench-dlq",
  maxReceiveCount: 5,
  inboxDays: 32,
  topicArns: new Map<string, string>(),
};

const client = { send: async () => ({}) };
const answeringAtOnce: Clients = { dynamodb: client, sns: client, sqs: client };

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the consumer reads the remaining time alone
const context = { getRemainingTimeInMillis: () => 30_000 } as Context;

/** Lets what is written to standard output go nowhere; returns what lets it through again. */
function silenceOutput(): () => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  return () => {
    process.stdout.write = write;
  };
}

function microseconds(value: number): string {
  return `${value.toFixed(1)} µs`;
}
