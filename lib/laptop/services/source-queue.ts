/** A message as a queue hands it out. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** System attributes: ApproximateReceiveCount, SentTimestamp, ApproximateFirstReceiveTimestamp, SenderId, MessageGroupId, ... */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>>;
  /** Absent where it has no attributes. */
  readonly md5OfMessageAttributes?: string;
}

/** A queue as an event source mapping sees it. */
export interface SourceQueue {
  readonly arn: string;
  readonly fifo: boolean;
  /** Takes up to `maximum` messages (1 to 10); waits for the first one until the signal aborts, then answers none. */
  receive(maximum: number, signal: AbortSignal): Promise<ReceivedMessage[]>;
  /** Deletes handled messages; a stale receipt handle is ignored, as SQS does. */
  acknowledge(receiptHandles: readonly string[]): void;
}
