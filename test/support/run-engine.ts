import { onTestFinished } from "vitest";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { EngineTransport } from "#lib/laptop/services/dynamodb/engine/socket-transport.ts";

/** A DynamoDB engine for one test, and what lists its tables. */
export async function runEngine() {
  const engine = await startDynoxide({ onDeath: () => {} });
  onTestFinished(() => engine.stop());
  const transport = new EngineTransport(engine.address);
  onTestFinished(() => transport.close());
  const tables = async (): Promise<unknown> =>
    JSON.parse((await transport.send("DynamoDB_20120810.ListTables", "{}")).body.toString());
  return { engine, tables };
}
