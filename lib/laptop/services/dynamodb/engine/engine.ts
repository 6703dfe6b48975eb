import { checkKept, checkpoint } from "../../../shared/persistence/kept-database.ts";
import type { PersistFolder } from "../../../shared/persistence/persist-folder.ts";
import { startDynoxide } from "./dynoxide.ts";
import { EngineTransport } from "./socket-transport.ts";
import { HttpTransport, type DynamoDbTransport } from "./transport.ts";

/** The DynamoDB behind the gateway. */
export interface TableEngine {
  readonly transport: DynamoDbTransport;
  /** Process id of the engine; absent where another DynamoDB is used. */
  readonly process: number | undefined;
  stop(): Promise<void>;
}

export interface TableEngineOptions {
  /** Keeps the tables; absent, they live as long as the engine. */
  readonly folder: PersistFolder | undefined;
  /** Another DynamoDB to use. @default - one is started */
  readonly endpoint: string | undefined;
  /** Called once with one line if the engine ends without having been stopped. */
  readonly onDeath: (reason: string) => void;
}

/** Starts the engine, or reaches for another DynamoDB. @throws CloudError where there is no engine for this platform, or it does not start. */
export async function startTables({ folder, endpoint, onDeath }: TableEngineOptions): Promise<TableEngine> {
  if (endpoint !== undefined) {
    const transport = new HttpTransport(endpoint);
    return { transport, process: undefined, stop: async () => transport.close() };
  }
  const file = folder?.path("dynamodb.sqlite");
  if (file !== undefined) checkKept(file);
  const engine = await startDynoxide({ onDeath, ...(file !== undefined && { file }) });
  const transport = new EngineTransport(engine.address);
  return {
    transport,
    process: engine.pid,
    stop: async () => {
      transport.close();
      await engine.stop();
      // The engine is ended in the middle of its work.
      if (file !== undefined) checkpoint(file);
    },
  };
}
