import * as v from "valibot";

/** What the soak asks of the process that runs the cloud. */
export const order = v.variant("kind", [
  /** Makes waiting retries, and what crashed batches hold, due at once. */
  v.object({ kind: v.literal("skip waits") }),
  /** Ends an execution environment of a function. */
  v.object({ kind: v.literal("crash"), functionName: v.string() }),
  /** Waits until so many more invocations have ended well, and says so. */
  v.object({ kind: v.literal("work"), invocations: v.number() }),
  /** Waits until no queue holds anything, and says so. */
  v.object({ kind: v.literal("settle") }),
  /** Ends in order. */
  v.object({ kind: v.literal("stop") }),
]);

/** What the process that runs the cloud tells the soak. */
export const report = v.variant("kind", [
  v.object({ kind: v.literal("ready"), endpoint: v.string(), tableProcess: v.number() }),
  v.object({ kind: v.literal("crashed"), alive: v.boolean() }),
  v.object({ kind: v.literal("worked") }),
  v.object({ kind: v.literal("settled") }),
  v.object({ kind: v.literal("unsettled"), reason: v.string() }),
]);

export type Order = v.InferOutput<typeof order>;
export type Report = v.InferOutput<typeof report>;
