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
  /** Reserved concurrency: the most invocations at once. Absent: as many as the machine will run. */
  readonly reservedConcurrency?: number;
}

/** How a handler was invoked. */
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
