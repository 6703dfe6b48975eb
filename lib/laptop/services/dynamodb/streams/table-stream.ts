import { CloudError } from "../../../shared/errors.ts";
import { asText, isRecord } from "../../../shared/json.ts";
import type { DynamoDbUpstream } from "../engine/upstream.ts";
import { positionOf } from "./sequence-number.ts";
import { type RecordSource, type StreamRecord, streamRecords } from "./stream-records.ts";
import type { WriteSignal } from "./write-signal.ts";

export type { StreamRecord } from "./stream-records.ts";

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

/** The stream of one table, as Lambda reads it. dynoxide keeps it as one shard, in the order of the writes. */
export class TableStream {
  readonly table: string;
  /** Tells when there may be something to read. */
  readonly writes: WriteSignal;
  readonly #upstream: DynamoDbUpstream;
  readonly #source: () => RecordSource;

  /** @param source how its records are shown now */
  constructor(table: string, upstream: DynamoDbUpstream, source: () => RecordSource) {
    this.table = table;
    this.#upstream = upstream;
    this.writes = upstream.writesOf(table);
    this.#source = source;
  }

  /** An iterator from a position. @throws CloudError where the table has no stream. */
  async open(position: StreamPosition): Promise<string> {
    const { Table: description } = await this.#upstream.call("DescribeTable", { TableName: this.table });
    const streamArn = isRecord(description) ? description["LatestStreamArn"] : undefined;
    if (typeof streamArn !== "string") throw new CloudError(`Table ${this.table} has no stream.`);
    const start =
      typeof position === "string"
        ? { ShardIteratorType: position }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: positionOf(position.after) ?? position.after };
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
      records: streamRecords(answer["Records"], this.#source()),
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
