import type { Report } from "../checks/report.ts";
import type { Attempt, Change } from "./dynamodb.ts";
import type { Environment, Invocation } from "./environment.ts";
import type { Message } from "./queue.ts";

/** What the simulated account tells of everything that happens in it. */
export interface Watcher {
  readonly report: Report;
  /** SNS has taken a message in. @param group the message's group, on a FIFO topic */
  published(body: string, type: string, publisher: string, group: string | undefined): void;
  /** A message has come to a service's queue. */
  delivered(service: string, message: Message): void;
  /** A message has come to the dead-letter queue of a service's subscription instead. */
  denied(service: string, body: string): void;
  /** A message was too old for its queue. */
  expired(service: string, message: Message): void;
  receivedBatch(batch: readonly Message[]): void;
  /** SQS has moved a message to the dead-letter queue itself. */
  redriven(service: string, message: Message): void;
  /** The runtime has sent a dead letter. */
  deadLettered(service: string, message: Message): void;
  /** The runtime has sent a message to its own queue once more. */
  sentAgain(service: string, message: Message): void;
  /** A message is to be deleted: by the mapping, or by the runtime itself. */
  acknowledged(service: string, message: Message): void;
  /** A transaction was asked for; it may fail. */
  attempted(service: string, attempts: readonly Attempt[]): void;
  /** A transaction was cancelled because conditions failed and, at the same time, another transaction held some of its items. */
  held(service: string, attempts: readonly Attempt[]): void;
  /** A write has changed items. */
  committed(service: string, changes: readonly Change[], transaction: boolean): void;
  called(environment: Environment, operation: string, input: unknown): void;
  /** A call has come to a good end, and its caller knows it. */
  succeeded(environment: Environment, operation: string, input: unknown, output: unknown): void;
  invoked(invocation: Invocation): void;
  /** Lambda kills an invocation, for its time is up. */
  timedOut(invocation: Invocation): void;
  /** @param failed what the invocation reports; undefined when the answer is none that Lambda can read */
  answered(invocation: Invocation, failed: ReadonlySet<string> | undefined): void;
  effectStarted(service: string, idempotencyKey: string): void;
  /** A handler says what it does: `performance.mark`. */
  marked(environment: Environment, name: string, detail: unknown): void;
}
