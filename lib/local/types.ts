/** What the parts of the laptop cloud say to each other. Shapes that AWS defines keep AWS's names. */

/** A message as a queue hands it out. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** System attributes: ApproximateReceiveCount, SentTimestamp, ApproximateFirstReceiveTimestamp, SenderId, MessageGroupId, ... */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>>;
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

/** A function as the template describes it. */
export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  /** `index.handler`: a file without its ending, and the export in it. */
  readonly handler: string;
  /** The folder that holds the deployed bundle. */
  readonly codeDirectory: string;
  /** What the function finds in `process.env`, and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Reserved concurrency: invocations at once at the most. Absent: as many as the machine is willing to run. */
  readonly reservedConcurrency?: number;
}

/** How an invocation ended. */
export type InvocationResult =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false;
      /** `throttled` alone means that the function was not run. */
      readonly reason: "handled" | "timeout" | "exit" | "out of memory" | "init" | "throttled";
      readonly errorType: string;
      readonly errorMessage: string;
    };

/** Something that happened, for `tail` and for the page. */
export type Activity =
  | {
      readonly kind: "log";
      readonly time: number;
      readonly function: string;
      readonly requestId?: string;
      readonly line: string;
    }
  | {
      readonly kind: "invocation";
      readonly time: number;
      readonly function: string;
      readonly requestId: string;
      readonly records: number;
      readonly durationMilliseconds: number;
      readonly outcome: "ok" | "handled" | "timeout" | "exit" | "out of memory" | "init" | "throttled";
      /** One line, where the outcome is not ok. */
      readonly error?: string;
    }
  | {
      readonly kind: "publish";
      readonly time: number;
      readonly topic: string;
      readonly type?: string;
      readonly bytes: number;
    }
  /** A code swap, a refused call, a resource that does not run here: one line for a person. */
  | { readonly kind: "notice"; readonly time: number; readonly line: string };
