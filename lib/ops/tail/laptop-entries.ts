import type { IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { connectionFailure } from "../connection-failure.ts";
import type { Entry } from "./entry.ts";
import { OpsError } from "../errors.ts";
import { entriesOf, type LaptopActivities, openActivities } from "./laptop-activities.ts";

export interface FollowLaptopOptions extends LaptopActivities {
  /** Where to start, in milliseconds since the epoch. */
  readonly since: number;
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
  const { signal, onConnection, pauseMilliseconds = 1_000 } = options;
  let since = options.since;
  let stream: IncomingMessage | undefined = await openActivities(options, `since=${since}`);
  onConnection("open");
  while (!signal.aborted) {
    try {
      stream ??= await openActivities(options, `since=${since}`);
      for await (const entry of entriesOf(stream, options)) {
        since = Math.max(since, entry.time);
        yield entry;
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
      return await openActivities(options, `since=${since}`);
    } catch (error) {
      if (connectionFailure(error) === undefined && !(error instanceof OpsError)) throw error;
      await pause(milliseconds, undefined, { signal: options.signal }).catch(() => {});
    }
  }
  return undefined;
}
