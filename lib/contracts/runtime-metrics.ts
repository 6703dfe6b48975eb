/**
 * The metrics that the runtime writes and the dashboard shows: namespace, and the dimensions under which they are kept. Each
 * combination of a metric's name and its dimensions' values costs $0.30 a month.
 */
export const runtimeMetrics = {
  namespace: "Fanfare",
  byType: ["FunctionName", "EventType"],
  byReason: ["FunctionName", "Reason"],
  byFunction: ["FunctionName"],
  byVersion: ["FunctionName", "Version"],
  /** Milliseconds from an event to its effect, by type. */
  eventAge: "EventAge",
  /** Milliseconds since an event that has to be retried, by function. */
  retriedEventAge: "RetriedEventAge",
  /** Times that the handler failed by its own error, by published version: what a canary is judged by. */
  handlerFailures: "HandlerFailures",
} as const;

/** How records end, as metrics count them by type of event. */
export type HandledMetric = "Done" | "Duplicate" | "Retry" | "Dead";
