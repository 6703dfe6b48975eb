import { AwsError } from "../../../shared/aws-error.ts";

/** An iterator is of use for 15 minutes (API reference, GetShardIterator). */
const LIFETIME_MILLISECONDS = 15 * 60 * 1_000;

/** Where in a shard to read on, as callers hold it: `<stream ARN>|1|<…>`, as DynamoDB's own begin. */
export interface ShardIterator {
  readonly streamArn: string;
  /** The engine's own iterator. */
  readonly engine: string;
  /** When it was made, in epoch milliseconds. */
  readonly time: number;
}

export function writeIterator({ streamArn, engine, time }: ShardIterator): string {
  return `${streamArn}|1|${Buffer.from(`${time} ${engine}`).toString("base64")}`;
}

/**
 * Reads an iterator that a caller has handed back.
 *
 * @param now epoch milliseconds
 * @throws AwsError ValidationException, ExpiredIteratorException
 */
export function readIterator(iterator: unknown, now: number): ShardIterator {
  const [streamArn = "", version, content = ""] = String(iterator).split("|");
  const [time, engine] = Buffer.from(content, "base64").toString().split(" ");
  if (version !== "1" || engine === undefined || !/^\d+$/.test(time ?? ""))
    throw new AwsError("ValidationException", "Invalid ShardIterator");
  if (now - Number(time) > LIFETIME_MILLISECONDS)
    throw new AwsError(
      "ExpiredIteratorException",
      "The shard iterator is older than 15 minutes. Get a new one from GetShardIterator.",
    );
  return { streamArn, engine, time: Number(time) };
}

/** The ARN of the stream that an iterator belongs to; undefined where it is not one. */
export function streamOf(iterator: unknown): string | undefined {
  const [streamArn = "", version] = String(iterator).split("|");
  return streamArn.startsWith("arn:") && version !== undefined ? streamArn : undefined;
}
