import { randomUUID } from "node:crypto";
import { asText } from "../../../shared/json.ts";
import type { StreamRecord } from "../../dynamodb/streams/table-stream.ts";
import type { InvocationResult } from "../functions/function-config.ts";
import type { StreamMappingConfig } from "./stream-config.ts";

/** Why a batch was given up. */
export type GivenUp = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** The shard that all of a table's records lie in here, as DynamoDB would name one. */
const SHARD_ID = "shardId-00000000000000000001-00000001";

/**
 * What the destination is told of a batch that was given up: where its records stand, not what they hold.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 *
 * @param attempts how often the function was invoked with it
 */
export function failureRecord(
  config: StreamMappingConfig,
  functionArn: string,
  batch: readonly StreamRecord[],
  { condition, attempts, result }: { condition: GivenUp; attempts: number; result: InvocationResult | undefined },
): unknown {
  const [first] = batch;
  const last = batch.at(-1);
  return {
    requestContext: { requestId: randomUUID(), functionArn, condition, approximateInvokeCount: attempts },
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        functionError: result.ok ? null : "Unhandled",
      },
    }),
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId: SHARD_ID,
      startSequenceNumber: sequenceNumber(first),
      endSequenceNumber: sequenceNumber(last),
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: batch.length,
      streamArn: config.streamArn,
    },
  };
}

/** A record's place in its stream. */
export function sequenceNumber(record: StreamRecord | undefined): string {
  return asText(record?.dynamodb["SequenceNumber"] ?? "");
}

/** Since when a record is in its stream, in epoch milliseconds. */
export function arrivedAt(record: StreamRecord): number {
  return Number(record.dynamodb["ApproximateCreationDateTime"] ?? 0) * 1_000;
}

function arrival(record: StreamRecord | undefined): string {
  return record === undefined ? "" : new Date(arrivedAt(record)).toISOString();
}
