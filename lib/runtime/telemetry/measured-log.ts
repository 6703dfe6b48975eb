import type { Log } from "../lambda/logger.ts";
import type { Metrics } from "./metrics.ts";

/** A log whose lines about records are counted: every record's end passes through it, wherever in the runtime it happens. */
export function measuredLog(log: Log, metrics: Metrics): Log {
  const counted =
    (level: keyof Log): Log[keyof Log] =>
    (message, details) => {
      // A handler's own lines may speak of an outcome, too.
      if (details?.["messageId"] !== undefined) metrics.count(details);
      log[level](message, details);
    };
  return { debug: counted("debug"), info: counted("info"), warn: counted("warn"), error: counted("error") };
}
