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

/** A function as the template describes it. */
export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  /** `nodejs22.x`, as the template names it. Every one of them runs on this Node; those before nodejs24.x take callbacks. */
  readonly runtime: string;
  /** `index.handler`: a file without its ending, and the export in it. */
  readonly handler: string;
  /** The folder that holds the deployed bundle. */
  readonly codeDirectory: string;
  /** Folders that play /opt; a later one goes over those before it. */
  readonly layers: readonly string[];
  /** Folders of the user's own projects, where packages are looked for that the runtime would provide and Fanfare does not. */
  readonly projects: readonly string[];
  /** What the function finds in `process.env`, and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Reserved concurrency: invocations at once at the most. Absent: as many as the machine is willing to run. */
  readonly reservedConcurrency?: number;
}

/** What a handler is told of how it was invoked. */
export interface InvocationOptions {
  /** The same for every attempt of an asynchronous invocation. @default a new one */
  readonly requestId?: string;
  /** The ARN that the caller named, with its qualifier if it had one. @default the function's own */
  readonly invokedArn?: string;
  /** The version that the qualifier stands for. @default $LATEST */
  readonly version?: string;
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
