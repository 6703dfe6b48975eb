import type { Access } from "../iam/access.ts";
import type { Refused } from "../iam/refusal.ts";
import type { AwsError } from "../shared/aws-error.ts";
import type { ResourceHandler } from "../cloudformation/resource.ts";
import type { Answer, Call, Operation, WireRequest } from "./call.ts";
import type { Delivery } from "./delivery.ts";

/** One AWS service of the laptop cloud. The gateway, IAM, chaos and CloudFormation know services by this interface alone. */
export interface Service {
  /** As signatures, IAM actions and ARNs have it: `sqs`. */
  readonly name: string;

  // Its calls.

  readonly address: ServiceAddress;
  /** The largest body that any of its calls has, in bytes. */
  readonly bodyLimit: number;
  /** How a request is read and answered. */
  protocol(request: WireRequest): Protocol;
  /** Carries out a call. @throws AwsError as the service refuses */
  handle(call: Call): Output | Promise<Output>;

  // What its calls are to IAM and to chaos.

  /**
   * What a call does that IAM decides on; `open` for one that AWS allows everybody. A call from which nothing is derived is refused, so
   * that one that nobody has thought of does not slip through.
   */
  accesses(call: Call): readonly Access[] | "open";
  /** ARNs of what a call is about that is open to everybody. @default - nothing that chaos could be told of */
  openTo?(call: Call): readonly string[];
  /** The error of a call that IAM refuses, as this service writes it. */
  accessDenied(refused: Refused): AwsError;
  /** The error of a call that comes too often; the message is the gateway's. */
  throttled(message: string): AwsError;
  /** The error of a call that met another on the same items; undefined for a call that cannot. @default - none can */
  conflicted?(call: Call, message: string): AwsError | undefined;
  /** Whether this call may wait for something to happen, as a long poll does. @default - never */
  mayWait?(call: Call): boolean;
  /** Whether AWS may carry out this call twice: at-least-once delivery. @default - never */
  mayRepeat?(call: Call): boolean;

  // Its resources.

  /** What brings its CloudFormation types into being, by type: `AWS::SQS::Queue`. */
  readonly resources: Readonly<Record<string, ResourceHandler>>;

  // Events from other services.

  /** What somebody must be allowed to hand an event to its resources: `sqs:SendMessage`. @default - it takes no events */
  readonly takes?: string;
  /** Takes an event for one of its resources; the right to hand it over has been checked. @throws Error where the resource refuses */
  take?(resourceArn: string, delivery: Delivery): void | Promise<void>;

  // Its life.

  /** Begins its work once every resource exists. */
  start?(): void | Promise<void>;
  /** What is still to be done, a line each: the cloud has settled when there is none. */
  remaining?(): readonly string[];
  /** Makes waiting retries, delays and backoffs due at once. */
  skipWaits?(): void;
  /** Its part of `fanfare status`, by section: `{ queues: […] }`. */
  status?(): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
  /** What `/_fanfare/<name>` shows of it, as JSON, by name. */
  readonly pages?: Readonly<Record<string, () => unknown>>;
  /** Ends in order; what it keeps is kept. */
  stop?(): void | Promise<void>;
}

/**
 * By what a request is known to be for a service. The gateway asks in this order: a path that no other service has, the target, the
 * signature, the version of a Query call, and last the paths and hosts of unsigned calls.
 */
export interface ServiceAddress {
  /** The beginning of paths that are this service's whatever else the request says: `/lambda-url/`. */
  readonly ownPaths?: readonly string[];
  /** The beginnings of X-Amz-Target: `AmazonSQS.` */
  readonly targets?: readonly string[];
  /** The names that clients sign for. @default - the service's name */
  readonly signedAs?: readonly string[];
  /** The version that calls of the Query protocol name: `2012-11-05`. */
  readonly queryVersion?: string;
  /** Paths of requests that neither a target nor a signature assigns. */
  readonly paths?: RegExp;
  /** Hosts of such requests. */
  readonly hosts?: RegExp;
}

/** What a call gives back: the members of the output as the API's JSON form has them, or the whole answer. */
export type Output = Readonly<Record<string, unknown>> | Answer;

/** A way in which callers speak to a service. */
export interface Protocol {
  /** @throws AwsError for a request that cannot be read */
  read(request: WireRequest): Operation;
  answer(operation: string, output: Readonly<Record<string, unknown>>): Answer;
  refuse(error: AwsError): Answer;
}
