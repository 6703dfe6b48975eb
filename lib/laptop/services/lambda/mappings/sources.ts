import type { SourceQueue } from "../../source-queue.ts";
import type { TableStream } from "../../dynamodb/streams/table-stream.ts";

/** A queue that mappings can drain. */
export interface MappedQueue extends SourceQueue {
  readonly name: string;
  readonly visibilityTimeoutSeconds: number;
  readonly counts: { readonly ready: number; readonly inFlight: number; readonly delayed: number };
  /** Makes delayed messages, and those in flight that `isProcessing` does not claim, visible at once. */
  skipWaits(isProcessing: (receiptHandle: string) => boolean): void;
}

/** What event source mappings poll. */
export interface Sources {
  /** A queue by its ARN. */
  queue(arn: string): MappedQueue | undefined;
  /** The stream of a table by the table's name. */
  stream(table: string): TableStream;
}
