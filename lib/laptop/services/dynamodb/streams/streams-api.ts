import { hash } from "node:crypto";
import { AwsError } from "../../../shared/aws-error.ts";
import { asText, isRecord } from "../../../shared/json.ts";
import { asOnAws } from "../engine/answers.ts";
import type { DynamoDbUpstream } from "../engine/upstream.ts";
import { tableName, type Tables } from "../tables.ts";
import { positionOf, sequenceNumberOf } from "./sequence-number.ts";
import { readIterator, writeIterator } from "./shard-iterator.ts";
import { type RecordSource, streamRecords } from "./stream-records.ts";
import type { StreamViews } from "./stream-views.ts";

type Input = Readonly<Record<string, unknown>>;

/** What an open shard begins after: its first record has a larger number. */
const START = sequenceNumberOf("0");

export interface StreamsApiParts {
  readonly upstream: DynamoDbUpstream;
  readonly tables: Tables;
  readonly views: StreamViews;
  /** How the records of a table are shown. */
  readonly source: (table: string) => RecordSource;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The operations of DynamoDB Streams, in front of the engine's. A stream has one shard, which stays open. */
export class StreamsApi {
  readonly #parts: StreamsApiParts;

  constructor(parts: StreamsApiParts) {
    this.#parts = parts;
  }

  /** Whether an operation is one of these. */
  static has(operation: string): boolean {
    return ["DescribeStream", "GetShardIterator", "GetRecords", "ListStreams"].includes(operation);
  }

  /** @throws AwsError as DynamoDB Streams refuses */
  async run(operation: string, input: Input): Promise<Record<string, unknown>> {
    switch (operation) {
      case "DescribeStream":
        return { StreamDescription: await this.#describe(input) };
      case "GetShardIterator":
        return { ShardIterator: await this.#iterator(input) };
      case "GetRecords":
        return this.#records(input);
      default:
        return asOnAws(await this.#parts.upstream.callStreams("ListStreams", input));
    }
  }

  async #describe(input: Input): Promise<Record<string, unknown>> {
    const { ExclusiveStartShardId: after } = input;
    const { stream } = await this.#stream(input["StreamArn"]);
    const { Shards: _, CreationRequestDateTime: _created, TableName: table, ...rest } = stream;
    const shardId = shardIdOf(asText(stream["StreamArn"]));
    const shard = { ShardId: shardId, SequenceNumberRange: { StartingSequenceNumber: START } };
    return {
      ...rest,
      TableName: table,
      StreamViewType: this.#parts.views.of(asText(table)) ?? rest["StreamViewType"],
      CreationRequestDateTime: Math.trunc(Date.parse(`${asText(stream["StreamLabel"])}Z`) / 1_000),
      KeySchema: await this.#keySchema(asText(table)),
      Shards: after === shardId ? [] : [shard],
    };
  }

  async #iterator(input: Input): Promise<string> {
    const { ShardId: shardId, SequenceNumber: number, ...rest } = input;
    const { stream, engineShard } = await this.#stream(input["StreamArn"]);
    const streamArn = asText(stream["StreamArn"]);
    if (shardId !== shardIdOf(streamArn)) throw notFound(`Shard: ${asText(shardId)} not found`);
    const { ShardIterator: engine } = await this.#parts.upstream.callStreams("GetShardIterator", {
      ...rest,
      ShardId: engineShard,
      ...(number !== undefined && { SequenceNumber: enginePosition(number) }),
    });
    return writeIterator({ streamArn, engine: asText(engine), time: this.#parts.now() });
  }

  async #records(input: Input): Promise<Record<string, unknown>> {
    const time = this.#parts.now();
    const { streamArn, engine } = readIterator(input["ShardIterator"], time);
    const answer = await this.#parts.upstream.callStreams("GetRecords", { ...input, ShardIterator: engine });
    const next = asText(answer["NextShardIterator"] ?? engine);
    return {
      Records: streamRecords(answer["Records"], this.#parts.source(tableName(streamArn))),
      NextShardIterator: writeIterator({ streamArn, engine: next, time }),
    };
  }

  /** A stream as the engine describes it, named as on AWS. */
  async #stream(streamArn: unknown): Promise<{ stream: Record<string, unknown>; engineShard: string }> {
    const answer = asOnAws(await this.#parts.upstream.callStreams("DescribeStream", { StreamArn: streamArn }));
    const { StreamDescription: stream } = answer;
    // The engine takes any label for that of the table's latest stream.
    if (!isRecord(stream) || !asText(streamArn).endsWith(`/stream/${asText(stream["StreamLabel"])}`))
      throw notFound(`Stream: ${asText(streamArn)} not found`);
    const [shard] = Array.isArray(stream["Shards"]) ? stream["Shards"].filter(isRecord) : [];
    return { stream, engineShard: asText(shard?.["ShardId"]) };
  }

  async #keySchema(table: string): Promise<object[]> {
    const names = await this.#parts.tables.keyNames(table);
    return names.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? "HASH" : "RANGE" }));
  }
}

/** `shardId-00000001795271808099-8d1f2c3a`: when the stream was turned on, and what tells it from others. */
function shardIdOf(streamArn: string): string {
  const time = Date.parse(`${streamArn.slice(streamArn.lastIndexOf("/") + 1)}Z`);
  return `shardId-${String(time).padStart(20, "0")}-${hash("md5", streamArn).slice(0, 8)}`;
}

function enginePosition(sequenceNumber: unknown): string {
  const position = positionOf(asText(sequenceNumber));
  if (position === undefined) throw new AwsError("ValidationException", `Invalid SequenceNumber: ${asText(sequenceNumber)}`);
  return position;
}

function notFound(what: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Requested resource not found: ${what}`);
}
