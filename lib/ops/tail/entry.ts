import * as v from "valibot";

const outcome = v.picklist(["done", "duplicate", "retry", "dead"]);
const level = v.picklist(["debug", "info", "warn", "error"]);

/** How the handling of a record ended. */
export type Outcome = v.InferOutput<typeof outcome>;

/** One thing that happened in a stage: a record handled, a log line written, or an activity of the laptop cloud. */
export interface Entry {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The service; for a publish, the topic; empty for the cloud as a whole. */
  readonly service: string;
  readonly kind: "record" | "log" | "invocation" | "publish" | "notice";
  readonly level: v.InferOutput<typeof level>;
  readonly message: string;
  /** For a record. */
  readonly outcome?: Outcome | undefined;
  readonly event?: EntryEvent | undefined;
  /** How often SQS had delivered the record. */
  readonly attempt?: number | undefined;
  readonly milliseconds?: number | undefined;
  /** Why a record was not done. */
  readonly reason?: string | undefined;
}

/** An entry's event. Events' data is not in the logs. */
export type EntryEvent = v.InferOutput<typeof entryEvent>;

const entryEvent = v.object({
  id: v.string(),
  type: v.string(),
  subject: v.optional(v.string()),
  correlationid: v.optional(v.string()),
});

/** The fields of a line of lib/runtime/lambda/logger.ts that are shown. */
const runtimeLine = v.object({
  level: v.pipe(v.string(), v.toLowerCase(), level),
  message: v.string(),
  service: v.optional(v.string()),
  timestamp: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  outcome: v.optional(v.fallback(v.optional(outcome), undefined)),
  event: v.optional(v.fallback(v.optional(entryEvent), undefined)),
  attempt: v.optional(v.number()),
  milliseconds: v.optional(v.number()),
  reason: v.optional(v.string()),
  error: v.optional(v.looseObject({ message: v.optional(v.string()) })),
});

/** A line written by a function, or by Lambda around it. */
export interface LogLine {
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly line: string;
}

/** A line of a function's log as an entry; undefined for Lambda's own bookkeeping. */
export function entryOfLogLine({ service, time, line }: LogLine): Entry | undefined {
  const parsed = line.startsWith("{") ? v.safeParse(runtimeLine, parseJson(line)) : undefined;
  if (!parsed?.success) return isBookkeeping(line) ? undefined : { ...plainLog(line), service, time };
  const { error, timestamp, reason = error?.message, ...fields } = parsed.output;
  return {
    ...fields,
    kind: fields.outcome === undefined ? "log" : "record",
    service: fields.service ?? service,
    time: timestamp === undefined ? time : Date.parse(timestamp),
    ...(reason !== undefined && { reason }),
  };
}

function plainLog(line: string): Pick<Entry, "kind" | "level" | "message"> {
  const failed = /\bERROR\b|Task timed out|Runtime exited|"level":"(error|fatal)"/i.test(line);
  return { kind: "log", level: failed ? "error" : "info", message: line };
}

/** Lambda's lines around an invocation, and metrics in CloudWatch's embedded format. lambda/latest/dg/nodejs-logging */
function isBookkeeping(line: string): boolean {
  return /^(START|END|REPORT|INIT_START|EXTENSION) |^\{"_aws":|^\s*$/.test(line) && !/Status: (timeout|error)/.test(line);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
