import type { Context, SQSEvent } from "aws-lambda";
import { createEnvelope, defineService } from "#lib/contracts/index.ts";
import type { Clients } from "#lib/runtime/clients.ts";
import { consumer } from "#lib/runtime/index.ts";
import { sample, sampleTaken } from "./fixture/contract.ts";
import type { Measurement } from "./measurement.ts";
import { median } from "./statistics.ts";

const RECORDS = 10;
const REACH_RATIO = 5;

/** Rounds of both, taken in turns, and the time that each lasts. */
const ROUNDS = 30;
const ROUND_MILLISECONDS = 100;
const WARM_UP_ROUNDS = 10;

const service = defineService("bench", "Writes one item for each event.", {
  consumes: [sampleTaken],
  publishes: [],
  owns: [sample],
});

/** What the runtime itself costs per record: clients answer at once, and log lines are made but go nowhere. */
export const overhead: Measurement = {
  name: "overhead",
  async run(say) {
    const event = batch();
    const handle = consumer(service, ({ data }, unit) => unit.put(sample, data), { config, clients: answeringAtOnce });
    const withRuntime = () => handle(event, context, () => {});
    const bare = () => event.Records.forEach(({ body }) => parseAndValidate(body));
    const runtimes: number[] = [];
    const loops: number[] = [];
    const restore = silenceOutput();
    try {
      for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
        const [runtime, loop] = [await timePerCall(withRuntime), await timePerCall(bare)];
        if (round < 0) continue;
        runtimes.push(runtime / RECORDS);
        loops.push(loop / RECORDS);
      }
    } finally {
      restore();
    }
    say(`${ROUNDS} rounds of each`);
    const ratio = median(runtimes) / median(loops);
    return [
      {
        what: `runtime overhead per record, batch of ${RECORDS}, without I/O`,
        measured: `${ratio.toFixed(1)} ×`,
        reach: `≤ ${REACH_RATIO} ×`,
        reached: ratio <= REACH_RATIO,
        comparison:
          `Medians of ${ROUNDS} rounds, taken in turns. The consumer, one item and its inbox record written and a log line made: ` +
          `${microseconds(median(runtimes))}; a loop that parses the same body and validates its data: ${microseconds(median(loops))}`,
      },
    ];
  },
};

/** The least that any consumer has to do. */
function parseAndValidate(body: string): void {
  const { data } = JSON.parse(body) as { data: unknown };
  const result = sampleTaken.schema["~standard"].validate(data);
  if (result instanceof Promise || result.issues) throw new Error("the bench's event is not valid");
}

/** Microseconds per call, over one round. */
async function timePerCall(call: () => unknown): Promise<number> {
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < ROUND_MILLISECONDS) {
    await call();
    calls++;
  }
  return ((performance.now() - started) * 1_000) / calls;
}

function batch(): SQSEvent {
  return {
    Records: Array.from({ length: RECORDS }, (_, index) => ({
      messageId: crypto.randomUUID(),
      receiptHandle: String(index),
      body: JSON.stringify(
        createEnvelope(sampleTaken, { ...sampleTaken.example, sampleId: String(index) }, { source: "bench" }),
      ),
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

const context = { getRemainingTimeInMillis: () => 30_000 } as Context;

/** Lets what is written to standard output go nowhere; returns what lets it through again. */
function silenceOutput(): () => void {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  return () => {
    process.stdout.write = write;
  };
}

function microseconds(value: number): string {
  return `${value.toFixed(1)} µs`;
}
