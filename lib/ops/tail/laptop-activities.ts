import { get, type IncomingMessage } from "node:http";
import * as v from "valibot";
import { type Entry, entryOfLogLine } from "./entry.ts";
import { OpsError } from "../errors.ts";
import { readLines } from "../read-lines.ts";

/** Longest activity, in bytes: the laptop cloud truncates functions' lines well below this. */
const LONGEST_ACTIVITY = 1_048_576;

/** One activity of the laptop cloud: lib/laptop/shared/activity.ts, `Activity`. */
const activity = v.variant("kind", [
  v.object({ kind: v.literal("log"), time: v.number(), function: v.string(), line: v.string() }),
  v.object({
    kind: v.literal("invocation"),
    time: v.number(),
    function: v.string(),
    records: v.number(),
    durationMilliseconds: v.number(),
    outcome: v.string(),
    error: v.optional(v.string()),
  }),
  v.object({
    kind: v.literal("publish"),
    time: v.number(),
    topic: v.string(),
    type: v.optional(v.string()),
    bytes: v.number(),
  }),
  v.object({ kind: v.literal("notice"), time: v.number(), line: v.string() }),
]);

/** Where activities are read. */
export interface LaptopActivities {
  /** The laptop cloud's address, without a trailing slash. */
  readonly endpoint: string;
  /** Prefix of the stage's resources. */
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/** What the laptop cloud remembers of the past: its last thousand activities. @throws as {@link openActivities} */
export async function recentActivities(source: LaptopActivities): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of entriesOf(await openActivities(source, "since=0&follow=false"), source)) entries.push(entry);
  return entries;
}

/** The entries of a stream of activities; those that are none are left out. */
export async function* entriesOf(stream: IncomingMessage, { prefix }: LaptopActivities): AsyncGenerator<Entry> {
  for await (const { text } of readLines(stream, LONGEST_ACTIVITY)) {
    const parsed = v.safeParse(activity, text === undefined ? undefined : JSON.parse(text));
    const entry = parsed.success ? entryOf(parsed.output, prefix) : undefined;
    if (entry) yield entry;
  }
}

/**
 * Opens the laptop cloud's stream of activities. With node:http: fetch aborts a stream that is idle for five minutes.
 *
 * @param query `since=0`, for example
 * @throws the connection's error when no cloud answers; OpsError when something else answers.
 */
export function openActivities({ endpoint, signal }: LaptopActivities, query: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(`${endpoint}/_fanfare/activity?${query}`, { signal, agent: false }, (response) => {
      const isStream = response.statusCode === 200 && response.headers["content-type"]?.startsWith("application/x-ndjson");
      if (isStream) return resolve(response);
      response.resume();
      reject(new OpsError(`${endpoint} is not a laptop cloud, or is still starting: it has no /_fanfare/activity to follow`));
    });
    request.on("error", reject);
  });
}

function entryOf(happened: v.InferOutput<typeof activity>, prefix: string): Entry | undefined {
  const short = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const { kind, time } = happened;
  switch (kind) {
    case "log":
      return entryOfLogLine({ service: short(happened.function), time, line: happened.line });
    case "invocation":
      // The log lines of its records cover a successful one.
      if (happened.outcome === "ok") return undefined;
      return {
        kind,
        time,
        service: short(happened.function),
        level: "error",
        message: `invocation with ${happened.records} records failed: ${happened.outcome}`,
        milliseconds: Math.round(happened.durationMilliseconds),
        ...(happened.error !== undefined && { reason: happened.error }),
      };
    case "publish":
      return {
        kind,
        time,
        service: short(happened.topic),
        level: "info",
        message: `${happened.type ?? "a message without a type"} published, ${happened.bytes} bytes`,
      };
    case "notice":
      return { kind, time, service: "", level: "info", message: happened.line };
  }
}
