import type { Log } from "../lambda/logger.ts";

/** Fields of a log line; those of a record say how it ended: see `handleRecord`. */
export type Details = Readonly<Record<string, unknown>>;

/** Sees what the log says of records. */
export interface Observer {
  /** A record, if the line is of one. */
  observe(details: Details): void;
}

/** A log whose lines are observed: every record's end passes through it, wherever in the runtime it happens. */
export function observedLog(log: Log, observers: readonly Observer[]): Log {
  const observed =
    (level: keyof Log): Log[keyof Log] =>
    (message, details) => {
      // A handler's own lines may speak of an outcome, too.
      if (details?.["messageId"] !== undefined) for (const observer of observers) observer.observe(details);
      log[level](message, details);
    };
  return { debug: observed("debug"), info: observed("info"), warn: observed("warn"), error: observed("error") };
}

/** A text within the details of a line; undefined where there is none. */
export function textIn(value: unknown, name: string): string | undefined {
  const found = valueIn(value, name);
  return typeof found === "string" ? found : undefined;
}

/** A value within the details of a line. */
export function valueIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
