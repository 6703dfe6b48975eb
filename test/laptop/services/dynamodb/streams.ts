import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { clientConfig } from "../../../support/cloud-support.ts";

const shard = v.object({
  ShardId: v.string(),
  SequenceNumberRange: v.strictObject({ StartingSequenceNumber: v.string() }),
});

const description = v.object({
  StreamDescription: v.looseObject({ StreamArn: v.string(), StreamViewType: v.string(), Shards: v.array(shard) }),
});

const page = v.object({
  Records: v.array(
    v.looseObject({
      eventID: v.string(),
      eventName: v.string(),
      dynamodb: v.looseObject({ SequenceNumber: v.string(), SizeBytes: v.number(), Keys: v.record(v.string(), v.unknown()) }),
    }),
  ),
  NextShardIterator: v.string(),
});

/** Calls DynamoDB Streams, for which there is no client among the dependencies. */
export class StreamsClient {
  readonly #endpoint: string;
  readonly #authorization: string;
  readonly #dynamodb: DynamoDBClient;

  /** @param credentials of a role; without them the administrator calls */
  constructor(cloud: { endpoint: string }, credentials?: { readonly accessKeyId: string }) {
    this.#endpoint = cloud.endpoint;
    const scope = `${credentials?.accessKeyId ?? "test"}/20261120/us-east-1/dynamodb/aws4_request`;
    this.#authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
    this.#dynamodb = new DynamoDBClient(clientConfig(cloud));
  }

  /** What the service answers, refusals included. */
  async call(operation: string, input: object): Promise<unknown> {
    const headers = {
      "x-amz-target": `DynamoDBStreams_20120810.${operation}`,
      "content-type": "application/x-amz-json-1.0",
      authorization: this.#authorization,
    };
    const answer = await fetch(this.#endpoint, { method: "POST", headers, body: JSON.stringify(input) });
    return answer.json();
  }

  async arnOf(table: string): Promise<string> {
    const { Table } = await this.#dynamodb.send(new DescribeTableCommand({ TableName: table }));
    return Table?.LatestStreamArn ?? "";
  }

  async describe(StreamArn: string, more: object = {}) {
    return v.parse(description, await this.call("DescribeStream", { StreamArn, ...more })).StreamDescription;
  }

  /** @param position ShardIteratorType and SequenceNumber */
  async iterator(StreamArn: string, position: object): Promise<string> {
    const { Shards } = await this.describe(StreamArn);
    const answer = await this.call("GetShardIterator", { StreamArn, ShardId: Shards[0]?.ShardId, ...position });
    return v.parse(v.object({ ShardIterator: v.string() }), answer).ShardIterator;
  }

  async records(ShardIterator: string, more: object = {}) {
    return v.parse(page, await this.call("GetRecords", { ShardIterator, ...more }));
  }

  /** All records of a table's stream. */
  async all(table: string) {
    const iterator = await this.iterator(await this.arnOf(table), { ShardIteratorType: "TRIM_HORIZON" });
    return (await this.records(iterator)).Records;
  }
}
