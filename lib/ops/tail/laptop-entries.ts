import { get, type IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import * as v from "valibot";
import { connectionFailure } from "../connection-failure.ts";
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

export interface FollowLaptopOptions {
  /** The laptop cloud's address, without a trailing slash. */
  readonly endpoint: string;
  /** Prefix of the stage's resources. */
  readonly prefix: string;
  /** Where to start, in milliseconds since the epoch. */
  readonly since: number;
  readonly signal: AbortSignal;
  /** Called when the connection opens, is lost, and is back. */
  readonly onConnection: (state: "open" | "lost" | "back") => void;
  /** Pause between attempts to reach a stopped cloud. @default 1,000 */
  readonly pauseMilliseconds?: number;
}

/**
 * The laptop cloud's activities as they happen, until the signal. When the cloud stops, it waits for it to come back.
 *
 * @throws the connection's error when no cloud answers at the start; OpsError when something else answers.
 */
export async function* followLaptop(options: FollowLaptopOptions): AsyncGenerator<Entry> {
  const { prefix, signal, onConnection, pauseMilliseconds = 1_000 } = options;
  let since = options.since;
  let stream: IncomingMessage | undefined = await connect(options, since);
  onConnection("open");
  while (!signal.aborted) {
    try {
      stream ??= await connect(options, since);
      for await (const { text } of readLines(stream, LONGEST_ACTIVITY)) {
        const parsed = v.safeParse(activity, text === undefined ? undefined : JSON.parse(text));
        if (!parsed.success) continue;
        since = Math.max(since, parsed.output.time);
        const entry = entryOf(parsed.output, prefix);
        if (entry) yield entry;
      }
    } catch (error) {
      if (!signal.aborted && connectionFailure(error) === undefined) throw error;
    }
    if (signal.aborted) return;
    onConnection("lost");
    stream = await reconnect(options, since, pauseMilliseconds);
    if (stream) onConnection("back");
  }
}

/** The stream once the cloud is back; undefined if the signal comes first. */
async function reconnect(
  options: FollowLaptopOptions,
  since: number,
  milliseconds: number,
): Promise<IncomingMessage | undefined> {
  while (!options.signal.aborted) {
    try {
      return await connect(options, since);
    } catch (error) {
      if (connectionFailure(error) === undefined && !(error instanceof OpsError)) throw error;
      await pause(milliseconds, undefined, { signal: options.signal }).catch(() => {});
    }
  }
  return undefined;
}

/** With node:http: fetch aborts a stream that is idle for five minutes. */
function connect({ endpoint, signal }: FollowLaptopOptions, since: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(`${endpoint}/_fanfare/activity?since=${since}`, { signal, agent: false }, (response) => {
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
