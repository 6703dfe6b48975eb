import type { LogDetail } from "../../contracts/service.ts";
import type { ServiceConfig } from "./config.ts";
import { loggable, loggableError } from "./loggable.ts";

/** Levels, the least urgent first. LOG_LEVEL names the lowest that is written. @default INFO */
const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;

type Level = (typeof LEVELS)[number];

type Write = (message: string, details?: Readonly<Record<string, unknown>>) => void;

/** The runtime's log: one JSON line per record. Never contains events' data; a service chooses what else it shows. */
export type Log = Record<Lowercase<Level>, Write>;

/**
 * A log with the service and its version on every line, which shows of errors and subjects what the service chose. It writes to standard output directly: Lambda's console would put a
 * prefix before the line, and CloudWatch Logs Insights only discovers the fields of lines that are JSON from end to end.
 */
export function createLog(
  { service, version }: Pick<ServiceConfig, "service" | "version">,
  chosen: readonly LogDetail[] = [],
): Log {
  const asked = process.env["LOG_LEVEL"]?.toUpperCase() ?? "INFO";
  const lowest = LEVELS.findIndex((level) => level === asked);
  const at = (level: Level): Write => {
    if (LEVELS.indexOf(level) < lowest) return () => {};
    return (message, details = {}) => {
      const timestamp = new Date().toISOString();
      const line = { level, timestamp, service, version, message, ...loggable(details, chosen) };
      writeLine(toJson(line, chosen));
    };
  };
  return { debug: at("DEBUG"), info: at("INFO"), warn: at("WARN"), error: at("ERROR") };
}

/** Writes a line of the function's log. */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * A line as JSON. An error's cause, and a handler's detail, may be anything: circular causes are cut, and what JSON cannot express is
 * left out. A line must not fail the event that it speaks of.
 */
function toJson(line: object, chosen: readonly LogDetail[]): string {
  const seen = new Set<Error>();
  try {
    // A replacer is called for each field and makes the line five times as slow; most lines have no error.
    if (!Object.values(line).some((value) => value instanceof Error)) return JSON.stringify(line);
    return JSON.stringify(line, (_key, value: unknown) => {
      if (!(value instanceof Error)) return value;
      const cause = seen.has(value) ? undefined : value.cause;
      seen.add(value);
      return { ...loggableError(value, chosen), cause };
    });
  } catch {
    const fields = Object.entries(line).filter(([, value]) => value instanceof Error || isJson(value));
    return JSON.stringify(Object.fromEntries(fields), (_key, value: unknown) =>
      value instanceof Error ? loggableError(value, chosen) : value,
    );
  }
}

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
