import * as v from "valibot";

/** A record that is to come again stays in its queue (`retry`) or is sent to it again (`postponed`): to operators it is the same. */
const outcome = v.pipe(
  v.picklist(["done", "duplicate", "retry", "postponed", "dead"]),
  v.transform((ended) => (ended === "postponed" ? "retry" : ended)),
);
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
  /** The span of the handling, in the trace of the event. */
  readonly trace?: EntrySpan | undefined;
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

/** A span as the runtime logs it: its trace, itself, and the span that published the event. */
export type EntrySpan = v.InferOutput<typeof entrySpan>;

const entrySpan = v.object({ id: v.string(), span: v.string(), parent: v.string() });

/** What Lambda logs of an error that a function did not catch: lambda/latest/dg/nodejs-logging */
const uncaughtError = v.pipe(
  v.object({ errorType: v.string(), errorMessage: v.string() }),
  v.transform(({ errorType, errorMessage }) => `${errorType}: ${errorMessage}`),
);

/** The fields of a line of lib/runtime/lambda/logger.ts that are shown. */
const runtimeLine = v.object({
  level: v.pipe(v.string(), v.toLowerCase(), level),
  message: v.union([v.string(), uncaughtError]),
  service: v.optional(v.string()),
  timestamp: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  outcome: v.optional(v.fallback(v.optional(outcome), undefined)),
  event: v.optional(v.fallback(v.optional(entryEvent), undefined)),
  trace: v.optional(v.fallback(v.optional(entrySpan), undefined)),
  attempt: v.optional(v.number()),
  milliseconds: v.optional(v.number()),
  reason: v.optional(v.string()),
  error: v.optional(v.looseObject({ name: v.optional(v.string()), message: v.optional(v.string()) })),
});

/**
 * A line of Lambda's about an invocation, in its JSON format. The report and the lines before it of a failed invocation name the
 * same failure: lambda/latest/dg/telemetry-schema-reference.
 */
const platformLine = v.object({
  type: v.pipe(v.string(), v.startsWith("platform.")),
  record: v.object({ status: v.optional(v.string()), errorType: v.optional(v.string()) }),
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
  const json = line.startsWith("{") ? parseJson(line) : undefined;
  const platform = v.safeParse(platformLine, json);
  if (platform.success) return platformEntry(platform.output, { service, time });
  const parsed = v.safeParse(runtimeLine, json);
  if (!parsed.success) return isBookkeeping(line) ? undefined : { ...plainLog(line), service, time };
  const { error, timestamp, reason = error?.message ?? error?.name, ...fields } = parsed.output;
  return {
    ...fields,
    kind: fields.outcome === undefined ? "log" : "record",
    service: fields.service ?? service,
    time: timestamp === undefined ? time : Date.parse(timestamp),
    ...(reason !== undefined && { reason }),
  };
}

function platformEntry(
  { type, record: { status = "success", errorType } }: v.InferOutput<typeof platformLine>,
  where: Pick<Entry, "service" | "time">,
): Entry | undefined {
  if (status === "success" || !/^platform\.(report|initReport)$/.test(type)) return undefined;
  const message = `invocation ended with ${status}${errorType === undefined ? "" : `: ${errorType}`}`;
  return { ...where, kind: "log", level: "error", message };
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
