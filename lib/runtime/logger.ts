import type { ServiceConfig } from "./config.ts";

/** Levels, the least urgent first. LOG_LEVEL names the lowest that is written. @default INFO */
const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;

type Level = (typeof LEVELS)[number];

type Write = (message: string, details?: Readonly<Record<string, unknown>>) => void;

/** Where the runtime writes what happens to each record: one JSON line each. Events' data never goes in. */
export type Log = Record<Lowercase<Level>, Write>;

/**
 * A log that names the service and its version on every line. It writes to standard output itself: Lambda's console would
 * put a prefix before the line, and CloudWatch Logs Insights finds the fields of a line that is JSON from end to end.
 */
export function createLog({ service, version }: Pick<ServiceConfig, "service" | "version">): Log {
  const asked = process.env["LOG_LEVEL"]?.toUpperCase() ?? "INFO";
  const lowest = LEVELS.findIndex((level) => level === asked);
  const at = (level: Level): Write => {
    if (LEVELS.indexOf(level) < lowest) return () => {};
    return (message, details) => {
      const line = { level, timestamp: new Date().toISOString(), service, version, message, ...details };
      process.stdout.write(`${JSON.stringify(line, errorsAsObjects)}\n`);
    };
  };
  return { debug: at("DEBUG"), info: at("INFO"), warn: at("WARN"), error: at("ERROR") };
}

function errorsAsObjects(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause !== undefined && { cause }) };
}
