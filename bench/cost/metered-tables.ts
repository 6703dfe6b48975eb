import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";

/** Capacity that tables consumed. */
export interface Capacity {
  writeUnits: number;
  readUnits: number;
}

/** A DynamoDB engine that has every call say what it consumed, and adds it up. */
export interface MeteredTables extends AsyncDisposable {
  readonly endpoint: string;
  /** What was consumed since the last call of this, by operation. */
  take(): ReadonlyMap<string, Capacity>;
}

const consumed = v.object({ CapacityUnits: v.number() });
const answer = v.object({ ConsumedCapacity: v.optional(v.union([consumed, v.array(consumed)])) });

/** The operations that consume read units; all others that consume any consume write units. */
const READS = new Set(["GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"]);

/** Starts an engine behind a proxy on loopback that asks for `ConsumedCapacity`, and reads it from the answers. */
export async function startMeteredTables(): Promise<MeteredTables> {
  const engine = await startDynoxide({ onDeath: (reason) => console.error(reason) });
  let consumption = new Map<string, Capacity>();
  const add = (operation: string, text: string): void => {
    const units = unitsOf(text);
    if (units === 0) return;
    const sum = consumption.get(operation) ?? { writeUnits: 0, readUnits: 0 };
    consumption.set(operation, sum);
    if (READS.has(operation)) sum.readUnits += units;
    else sum.writeUnits += units;
  };
  const proxy = createServer((incoming, outgoing) => {
    void (async () => {
      const operation = String(incoming.headers["x-amz-target"]).split(".").at(-1) ?? "";
      const { status, body } = await forward(engine.endpoint, incoming, await asking(incoming));
      add(operation, body);
      outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(body);
    })();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server's address is always one
  const { port } = proxy.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    take() {
      const taken = consumption;
      consumption = new Map();
      return taken;
    },
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await engine.stop();
    },
  };
}

/** The request's body, asking for what the call consumes. */
async function asking(incoming: IncomingMessage): Promise<string> {
  const input = v.parse(v.record(v.string(), v.unknown()), JSON.parse((await text(incoming)) || "{}"));
  return JSON.stringify({ ...input, ReturnConsumedCapacity: "TOTAL" });
}

async function forward(
  endpoint: string,
  { method, headers }: IncomingMessage,
  body: string,
): Promise<{ status: number; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { host: _host, ...rest } = headers;
    request(endpoint, { method, headers: { ...rest, "content-length": Buffer.byteLength(body) } }, resolve)
      .once("error", reject)
      .end(body);
  });
  return { status: response.statusCode ?? 500, body: await text(response) };
}

async function text(message: IncomingMessage): Promise<string> {
  return Buffer.concat(await message.toArray()).toString();
}

function unitsOf(body: string): number {
  const result = v.safeParse(answer, JSON.parse(body || "{}"));
  const capacity = result.success ? (result.output.ConsumedCapacity ?? []) : [];
  return [capacity].flat().reduce((units, { CapacityUnits }) => units + CapacityUnits, 0);
}
