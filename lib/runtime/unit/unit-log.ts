import type { Log } from "../lambda/logger.ts";
import type { EventHeader } from "./unit-context.ts";

/** The log of a unit of work: each line names the event, whatever else it has. */
export function unitLog(log: Log, { id, type, subject, correlationid }: EventHeader): Log {
  const event = { id, type, subject, correlationid };
  const at =
    (level: keyof Log): Log[keyof Log] =>
    (message, details) =>
      log[level](message, { ...details, event });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
