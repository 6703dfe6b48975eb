import type { LogDetail } from "../../contracts/service.ts";
import { sourceStack } from "./source-stack.ts";

/**
 * Errors whose messages the runtime writes itself, without values out of an event. A handler's errors, and those of the libraries it
 * calls, may quote what it was working with.
 */
const OWN_ERRORS = new Set([
  "InvalidEventError",
  "EventTooLargeError",
  "IdReusedError",
  "StateConflictError",
  "NotPublishedError",
  "HandlerTimeoutError",
  "ProcessEndedError",
]);

type Details = Readonly<Record<string, unknown>>;

/**
 * Makes the details of a log line what the service chose to log: an event's subject and errors' messages may be personal data. The message
 * of an event that is done is of no use to anybody: nothing of it is left in any queue.
 */
export function loggable(details: Details, chosen: readonly LogDetail[]): Details {
  const { event, reason, messageId, ...others } = details;
  return {
    ...others,
    ...(messageId !== undefined && others["outcome"] !== "done" && { messageId }),
    ...(event !== undefined && { event: chosen.includes("subject") ? event : withoutSubject(event) }),
    ...(reason !== undefined && chosen.includes("errorMessages") && { reason }),
  };
}

/** An error's fields for the log. Without its message, the stack begins with its first frame. */
export function loggableError(error: Error, chosen: readonly LogDetail[]): Details {
  const { name, message } = error;
  const stack = sourceStack(error);
  if (chosen.includes("errorMessages") || OWN_ERRORS.has(name)) return { name, message, stack };
  const frames = stack?.split("\n").filter((line) => /^ +at /.test(line));
  return { name, stack: frames?.join("\n") };
}

function withoutSubject(event: unknown): unknown {
  if (typeof event !== "object" || event === null) return event;
  const { subject: _, ...others } = { subject: undefined, ...event };
  return others;
}
