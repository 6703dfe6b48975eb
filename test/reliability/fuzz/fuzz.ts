import * as fc from "fast-check";
import { orderCancelled, orderPlaced } from "#events";
import { createEnvelope, defineEntity, defineService } from "#lib/contracts/index.ts";
import * as v from "valibot";
import { consumer } from "#lib/runtime/index.ts";
import type { Log } from "#lib/runtime/lambda/logger.ts";
import { body, SECRET } from "./bodies.ts";
import { memoryClients, type Traces } from "./memory-clients.ts";
import { eventIdOf } from "./oracle.ts";
import { invoke } from "../../unit/runtime/workshop.ts";

/** Generated bodies of one batch; two healthy events stand around them. */
const BODIES = 8;

const seen = defineEntity({
  name: "seen",
  schema: v.object({ eventId: v.string(), data: v.unknown() }),
  id: ({ eventId }) => eventId,
});

const service = defineService("fuzzed", "Keeps what it is sent.", {
  consumes: [orderPlaced, orderCancelled],
  publishes: [],
  owns: [seen],
});

const config = {
  service: service.name,
  version: "test",
  table: "fuzzed",
  queueUrl: "http://127.0.0.1/fuzzed",
  deadLetterQueueUrl: "http://127.0.0.1/fuzzed-dlq",
  maxReceiveCount: 10,
  inboxDays: 32,
  topicArns: new Map<string, string>(),
};

/** How many bodies, out of which numbers. */
export interface FuzzOptions {
  readonly bodies: number;
  readonly seed: number;
  /** Where in the seed's runs a failure was found: repeats that one alone. */
  readonly path?: string;
}

/** What became of the bodies. */
export interface FuzzReport {
  readonly handled: number;
  readonly dead: number;
}

/**
 * Sends generated bodies through a consumer, in batches with healthy neighbours, over clients in memory.
 *
 * @throws Error of fast-check, with the smallest batch that fails, its seed and its path.
 */
export async function fuzz({ bodies, seed, path }: FuzzOptions): Promise<FuzzReport> {
  const report = { handled: 0, dead: 0 };
  const batch = fc.array(body, { minLength: BODIES, maxLength: BODIES, size: "max" });
  const property = fc.asyncProperty(batch, async (generated) => {
    const { handled, dead } = await requireSettled(generated);
    report.handled += handled;
    report.dead += dead;
  });
  await fc.assert(property, { numRuns: Math.ceil(bodies / BODIES), seed, ...(path !== undefined && { path }) });
  return report;
}

/** Sends one batch. @throws Error that says what is wrong with what came of it. */
async function requireSettled(generated: readonly string[]): Promise<FuzzReport> {
  const { clients, traces } = memoryClients();
  const lines: string[] = [];
  const handle = consumer(service, ({ id, data }, unit) => unit.put(seen, { eventId: id, data }), {
    config,
    clients,
    log: logTo(lines),
  });
  const healthy = ["healthy-1", "healthy-2"].map((id) =>
    JSON.stringify(createEnvelope(orderPlaced, orderPlaced.example, { source: "fuzz", id })),
  );
  // Two valid events of one id are another test's matter.
  const unique = [...new Map(generated.map((text) => [eventIdOf(text) ?? Symbol(text.slice(0, 20)), text])).values()];
  const bodies = [healthy[0]!, ...unique, healthy[1]!].map((text, index) => ({ messageId: String(index), body: text }));
  const failed = await invoke(handle, bodies);
  requireEqual("records that are to come back", failed.length, 0);
  for (const record of bodies) requireOneEnd(record, traces);
  requireEqual("log lines with a received value", lines.filter((line) => line.includes(SECRET)).length, 0);
  requireEqual("members of every object that nobody defined", "polluted" in {}, false);
  const dead = traces.sent.length;
  return { handled: bodies.length - dead, dead };
}

/** A valid body has taken effect once; any other lies once in the dead-letter queue, as it came, with a reason. */
function requireOneEnd({ messageId, body }: { messageId: string; body: string }, { puts, sent }: Traces): void {
  const id = eventIdOf(body);
  const effects = id === undefined ? 0 : puts.filter(({ pk }) => pk?.S === `seen#${id}`).length;
  const letters = sent.filter(({ MessageAttributes }) => MessageAttributes?.["originalMessageId"]?.StringValue === messageId);
  requireEqual(`effects of ${body.slice(0, 200)}`, effects, id === undefined ? 0 : 1);
  requireEqual(`dead letters of ${body.slice(0, 200)}`, letters.length, id === undefined ? 1 : 0);
  for (const { MessageBody, MessageAttributes } of letters) {
    requireEqual("the body of the dead letter", MessageBody === body, true);
    for (const name of ["errorName", "errorMessage"])
      requireEqual(`${name} is empty`, (MessageAttributes?.[name]?.StringValue ?? "") === "", false);
  }
}

function requireEqual<Value>(what: string, found: Value, expected: Value): void {
  if (found !== expected) throw new Error(`${what}: ${String(found)}, expected ${String(expected)}`);
}

function logTo(lines: string[]): Log {
  const write = (message: string, details: object = {}) =>
    void lines.push(
      JSON.stringify([message, details], (_, value: unknown) =>
        value instanceof Error ? [value.name, value.message, value.stack] : value,
      ),
    );
  return { debug: write, info: write, warn: write, error: write };
}
