import type { MissingResource } from "./cloudformation/resource.ts";
import type { IamMode, SeenAccess } from "./iam/access-control.ts";
import type { Credentials } from "./iam/callers.ts";
import type { ActingService } from "./iam/sender.ts";
import type { HeldMessage, InspectedQueue } from "./services/sqs/inspected.ts";
import type { Email } from "./services/ses/ses.ts";
import type { ActivityLog } from "./shared/activity.ts";
import type { Clock } from "./shared/clock.ts";
import type { CloudStatus } from "./status.ts";

export interface CloudOptions {
  /** The folder that `cdk synth` wrote: `cdk.out`. */
  readonly assembly: string;
  /** The stacks to run, and with them those they depend on; by path (`Stage/Stack`), name or id, `*` for any. @default - all */
  readonly stacks?: readonly string[];
  /** The gateway's port; 0 takes any that is free. @default 4566 */
  readonly port?: number;
  /** A folder that keeps queues, tables and parameters across restarts. @default - they end with the cloud */
  readonly persist?: string;
  /** SSM parameters, and parameters of templates, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** SSM parameters of the type SecureString, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What becomes of calls that the templates' IAM policies refuse: `report` lets them through and says so. @default enforce */
  readonly iam?: IamMode;
  /** The endpoint of a DynamoDB to use. @default - one is started */
  readonly dynamodb?: string;
  /** Called with each step of the start, as it begins. */
  readonly onProgress?: (step: string) => void;
}

/** A cloud assembly that runs on this machine. */
export interface Cloud {
  /** The gateway: what AWS_ENDPOINT_URL is set to. */
  readonly endpoint: string;
  /** The time that visibility timeouts, delays, retention and retries go by; a test may set it forward. */
  readonly clock: Clock;
  readonly activity: ActivityLog;
  /** What the templates have and this cloud does not. */
  readonly missing: readonly MissingResource[];
  readonly functions: CloudFunctions;
  readonly queues: CloudQueues;
  readonly iam: CloudIam;
  /** E-mails sent, the last 10,000, oldest first; and how many since the start. */
  readonly mailbox: { readonly emails: readonly Email[]; readonly sent: number };
  /** Process id of the DynamoDB engine; absent where another DynamoDB is used. */
  readonly tableProcess: number | undefined;
  status(): Promise<CloudStatus>;
  /**
   * Resolves when no queue that a function drains holds, delays or has in flight anything, every change of a table whose stream a
   * function reads is handled, no invocation runs and nothing is being published.
   *
   * @throws CloudError after the time given (milliseconds); it says what remains.
   */
  settled(timeoutMilliseconds?: number): Promise<void>;
  /** Makes waiting retries and delayed messages due at once. */
  skipWaits(): void;
  /** Resolves when the cloud has stopped: with one line where nobody had asked for that. */
  readonly ended: Promise<string | undefined>;
  /** Ends in order: running invocations end, then the gateway and the engines. Calls after the first join it. */
  stop(): Promise<void>;
}

/** Each @throws CloudError where there is no function of that name. */
export interface CloudFunctions {
  /**
   * Ends an execution environment of a function in the middle of what it does, as a failing host does; a busy one where there is
   * one. @returns false where none was alive.
   */
  crash(name: string): boolean;
  /** Stops feeding a function, as disabling its event source mappings does; resolves when what runs has ended. */
  disable(name: string): Promise<void>;
  /** Feeds a function again. */
  enable(name: string): void;
}

export interface CloudQueues {
  /** Looks into a queue without receiving. @throws CloudError where there is none of that name. */
  look(name: string): InspectedQueue;
  /** What lies in the dead-letter queue of a queue. @throws CloudError where it has none. */
  deadLetters(name: string): readonly HeldMessage[];
}

export interface CloudIam {
  /** The role behind each access key that functions call with; any other key is the account's administrator. */
  readonly callers: ReadonlyMap<string, string>;
  /** What functions, and services of AWS, have done or been refused; each only once, up to 10,000. Empty with IAM off. */
  readonly accesses: readonly SeenAccess[];
  /** Credentials to call as a function or role, by its name or ARN. @throws CloudError where there is none. */
  credentialsOf(functionOrRole: string): Credentials;
  /**
   * Whether the templates' policies let a function or role, or a service of AWS, do something; the mode does not matter.
   *
   * @param action `sqs:SendMessage`
   * @param resource ARN
   * @throws CloudError where there is no such function or role
   */
  allows(caller: string | ActingService, action: string, resource: string): boolean;
}
