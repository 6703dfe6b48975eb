import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { account } from "../../../shared/account.ts";
import { asText, isRecord } from "../../../shared/json.ts";
import { itemSize } from "./item-size.ts";
import { sequenceNumberOf } from "./sequence-number.ts";
import type { StreamView } from "./stream-views.ts";

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

export interface RecordSource {
  readonly table: string;
  /** What the stream's records show; undefined: what the engine gives. */
  readonly view: StreamView | undefined;
  /** Whether an item's removal was a matter of its time to live. */
  isExpiry(table: string, keys: unknown): boolean;
}

const EXPIRY = { type: "Service", principalId: "dynamodb.amazonaws.com" } as const;

/** The engine's records as DynamoDB Streams would tell them: of this region, in the view asked for, and none of a write that changed nothing. */
export function streamRecords(records: unknown, source: RecordSource): StreamRecord[] {
  const told = Array.isArray(records) ? records.filter(isRecord) : [];
  return told.flatMap((record) => {
    const change = isRecord(record["dynamodb"]) ? record["dynamodb"] : {};
    if (changesNothing(change)) return [];
    const { table } = source;
    const { SequenceNumber: position, ApproximateCreationDateTime: time } = change;
    const eventName = asText(record["eventName"]);
    return {
      // dynoxide counts from 1 in every table, and again in one that is made anew; an id has to tell them apart.
      eventID: hash("md5", `${table}/${asText(position)}/${asText(time)}`),
      eventName,
      eventVersion: asText(record["eventVersion"]),
      eventSource: "aws:dynamodb",
      awsRegion: account.region,
      dynamodb: shown(change, source.view),
      ...(eventName === "REMOVE" && source.isExpiry(table, change["Keys"]) && { userIdentity: EXPIRY }),
    };
  });
}

function shown(change: Readonly<Record<string, unknown>>, view: StreamView | undefined): Record<string, unknown> {
  const { NewImage: after, OldImage: before, SequenceNumber: position, ...rest } = change;
  const type = view ?? change["StreamViewType"];
  const images = {
    ...(after !== undefined && (type === "NEW_IMAGE" || type === "NEW_AND_OLD_IMAGES") && { NewImage: after }),
    ...(before !== undefined && (type === "OLD_IMAGE" || type === "NEW_AND_OLD_IMAGES") && { OldImage: before }),
  };
  const size = [change["Keys"], ...Object.values(images)].reduce((sum: number, item) => sum + itemSize(item), 0);
  return { ...rest, ...images, SequenceNumber: sequenceNumberOf(asText(position)), SizeBytes: size, StreamViewType: type };
}

/** DynamoDB tells nothing of a write that leaves an item as it is. */
function changesNothing({ OldImage: before, NewImage: after }: Readonly<Record<string, unknown>>): boolean {
  return before !== undefined && after !== undefined && isDeepStrictEqual(before, after);
}
