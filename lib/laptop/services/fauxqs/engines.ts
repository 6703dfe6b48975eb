import { startDynoxide } from "../dynamodb/engine/dynoxide.ts";
import { startMessaging, type MessagingEngine, type MessagingOptions } from "./fauxqs.ts";
import type { PersistFolder } from "../../shared/persist-folder.ts";
import { HttpTransport, type DynamoDbTransport } from "../dynamodb/engine/transport.ts";
import { EngineTransport } from "../dynamodb/engine/socket-transport.ts";

/** The engines that a cloud runs on. */
export interface Engines {
  readonly messaging: MessagingEngine;
  /** The way to DynamoDB. */
  readonly dynamodb: DynamoDbTransport;
  /** Process id of the DynamoDB engine; absent where another DynamoDB is used. */
  readonly tableProcess: number | undefined;
  stop(): Promise<void>;
}

export interface EngineOptions extends Omit<MessagingOptions, "dataDirectory"> {
  /** Keeps their state; absent, it lives as long as they do. */
  readonly folder?: PersistFolder | undefined;
  /** Another DynamoDB to use instead of starting one. */
  readonly dynamodb?: string | undefined;
  readonly onDeath: (reason: string) => void;
}

/** Starts both engines side by side; where one fails, the other is stopped. */
export async function startEngines({ folder, dynamodb, onDeath, ...messagingOptions }: EngineOptions): Promise<Engines> {
  const startingTables =
    dynamodb === undefined ? startDynoxide({ onDeath, ...(folder && { file: folder.path("dynamodb.sqlite") }) }) : undefined;
  const startingMessaging = startMessaging({ ...messagingOptions, ...(folder && { dataDirectory: folder.path("messaging") }) });
  const [tables, messaging] = await Promise.allSettled([startingTables, startingMessaging]);
  const stop = async () => {
    if (messaging.status === "fulfilled") await messaging.value.stop();
    if (tables.status === "fulfilled") await tables.value?.stop();
  };
  if (messaging.status === "rejected" || tables.status === "rejected") {
    await stop();
    throw messaging.status === "rejected" ? messaging.reason : tables.status === "rejected" ? tables.reason : undefined;
  }
  const transport = tables.value ? new EngineTransport(tables.value.address) : new HttpTransport(dynamodb ?? "");
  return { messaging: messaging.value, dynamodb: transport, tableProcess: tables.value?.pid, stop };
}
