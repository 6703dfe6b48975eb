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
      process.stdout.write(`${toJson(line)}\n`);
    };
  };
  return { debug: at("DEBUG"), info: at("INFO"), warn: at("WARN"), error: at("ERROR") };
}

/** A line as JSON. An error's cause may be anything: a ring of causes is cut, and what JSON cannot say is left out. */
function toJson(line: object): string {
  // A replacer is called for each field and makes the line five times as dear; most lines tell of no error.
  if (!Object.values(line).some((value) => value instanceof Error)) return JSON.stringify(line);
  const seen = new Set<Error>();
  try {
    return JSON.stringify(line, (_key, value: unknown) => {
      if (!(value instanceof Error)) return value;
      const cause = seen.has(value) ? undefined : value.cause;
      seen.add(value);
      return { ...readable(value), cause };
    });
  } catch {
    return JSON.stringify(line, (_key, value: unknown) => (value instanceof Error ? readable(value) : value));
  }
}

function readable({ name, message, stack }: Error): object {
  return { name, message, stack };
}
