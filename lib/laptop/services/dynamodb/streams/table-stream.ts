import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { account } from "../../../shared/account.ts";
import { CloudError } from "../../../shared/errors.ts";
import { asText, isRecord } from "../../../shared/json.ts";
import type { DynamoDbUpstream } from "../engine/upstream.ts";

/** A change of an item, as DynamoDB Streams tells it (API reference, Record). */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly eventSource: "aws:dynamodb";
  readonly awsRegion: string;
  readonly dynamodb: Readonly<Record<string, unknown>>;
  /** Where it was DynamoDB itself that removed an item, since its time to live had passed. */
  readonly userIdentity?: { readonly type: "Service"; readonly principalId: "dynamodb.amazonaws.com" };
}

/** Where in a stream to begin: with what it still has, with what comes, or after a record. */
export type StreamPosition = "TRIM_HORIZON" | "LATEST" | { readonly after: string };

/** What one read of a stream answers. */
export interface StreamPage {
  readonly records: readonly StreamRecord[];
  /** Where to read on. */
  readonly iterator: string;
  /** Whether the stream had nothing more. */
  readonly ended: boolean;
}

/** Whether an item's removal was a matter of its time to live. */
export type IsExpiry = (table: string, keys: unknown) => boolean;

/** The stream of one table. dynoxide keeps it as one shard, in the order of the writes. */
export class TableStream {
  readonly table: string;
  readonly #upstream: DynamoDbUpstream;
  readonly #isExpiry: IsExpiry;

  constructor(table: string, upstream: DynamoDbUpstream, isExpiry: IsExpiry) {
    this.table = table;
    this.#upstream = upstream;
    this.#isExpiry = isExpiry;
  }

  /** An iterator from a position. @throws CloudError where the table has no stream. */
  async open(position: StreamPosition): Promise<string> {
    const { Table: description } = await this.#upstream.call("DescribeTable", { TableName: this.table });
    const streamArn = isRecord(description) ? description["LatestStreamArn"] : undefined;
    if (typeof streamArn !== "string") throw new CloudError(`Table ${this.table} has no stream.`);
    const start =
      typeof position === "string"
        ? { ShardIteratorType: position }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: position.after };
    const answer = await this.#upstream.callStreams("GetShardIterator", {
      StreamArn: streamArn,
      ShardId: await this.#shardId(streamArn),
      ...start,
    });
    return asText(answer["ShardIterator"]);
  }

  /** Up to `limit` records (1 to 1,000) from an iterator on. */
  async read(iterator: string, limit: number): Promise<StreamPage> {
    const answer = await this.#upstream.callStreams("GetRecords", { ShardIterator: iterator, Limit: limit });
    return {
      records: streamRecords(answer["Records"], this.table, this.#isExpiry),
      iterator: asText(answer["NextShardIterator"] ?? iterator),
      ended: !Array.isArray(answer["Records"]) || answer["Records"].length === 0,
    };
  }

  async #shardId(streamArn: string): Promise<string> {
    const { StreamDescription: description } = await this.#upstream.callStreams("DescribeStream", { StreamArn: streamArn });
    const shards = isRecord(description) && Array.isArray(description["Shards"]) ? description["Shards"].filter(isRecord) : [];
    return asText(shards.at(-1)?.["ShardId"]);
  }
}

/** The table whose stream an iterator reads: dynoxide writes it into the iterator. Empty where that is another's. */
export function tableOf(iterator: unknown): string {
  try {
    const content: unknown = JSON.parse(Buffer.from(String(iterator), "base64").toString());
    return isRecord(content) ? asText(content["table_name"]) : "";
  } catch {
    return "";
  }
}

/** The engine's records as DynamoDB Streams would tell them: of this region, with ids of their own, and none of a write that changed nothing. */
export function streamRecords(records: unknown, table: string, isExpiry: IsExpiry): StreamRecord[] {
  const told = Array.isArray(records) ? records.filter(isRecord) : [];
  return told.flatMap((record) => {
    const change = isRecord(record["dynamodb"]) ? record["dynamodb"] : {};
    if (changesNothing(change)) return [];
    const eventName = asText(record["eventName"]);
    return {
      // dynoxide counts from 1 in every table; an id has to tell tables apart.
      eventID: hash("md5", `${table}/${asText(change["SequenceNumber"])}`),
      eventName,
      eventVersion: asText(record["eventVersion"]),
      eventSource: "aws:dynamodb",
      awsRegion: account.region,
      dynamodb: change,
      ...(eventName === "REMOVE" && isExpiry(table, change["Keys"]) && { userIdentity: EXPIRY }),
    };
  });
}

const EXPIRY = { type: "Service", principalId: "dynamodb.amazonaws.com" } as const;

/** DynamoDB tells nothing of a write that leaves an item as it is. It can be seen here where the stream has both images. */
function changesNothing({ OldImage: before, NewImage: after }: Readonly<Record<string, unknown>>): boolean {
  return before !== undefined && after !== undefined && isDeepStrictEqual(before, after);
}
