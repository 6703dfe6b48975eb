import { createRequire } from "node:module";
import { AwsError } from "./errors.ts";
import type { Environment } from "./environment.ts";
import { globals, uuid } from "./globals.ts";
import { sendEmail } from "./outside.ts";
import { answerQueueCall } from "./queue-calls.ts";
import { runningEnvironment } from "./running.ts";
import type { TableInput } from "./dynamodb.ts";
import type { Entry } from "./topic.ts";

/*
 * What a bundle finds in place of the AWS SDK: its command and error classes, and clients that do what the SDK's do (three
 * attempts with backoff, one ClientRequestToken for all of them, a timeout for each) on calls of the simulated services.
 */

/** Attempts of one call, the first included. JavaScript SDK, "Retry behavior" */
const ATTEMPTS = 3;

/** Backoff before the second attempt, in milliseconds; doubled for the third, with full jitter. */
const BACKOFF_MILLISECONDS = 100;

/** How long a disturbed request, or a slow answer, takes at the most: beyond the clients' timeout. */
const SLOW_MILLISECONDS = 6_500;

/** Of the calls that send a message, the share that faults may double. */
const SENT_TWICE = 0.1;

/** How long a topic that hangs keeps a request: beyond any invocation. */
const HANGING_MILLISECONDS = 15 * 60 * 1_000;

/** How long an environment may stand still in the middle of a call. */
const STALL_MILLISECONDS = 40_000;

class Command {
  readonly input: unknown;

  constructor(input: unknown) {
    this.input = input;
  }
}

const OPERATIONS = {
  dynamodb: ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "Scan"],
  sns: ["PublishBatch"],
  sqs: ["SendMessage", "ChangeMessageVisibility", "DeleteMessageBatch"],
  ses: ["SendEmail"],
  s3: ["PutObject", "GetObject"],
} as const;

type Client = keyof typeof OPERATIONS;

const commandNames = new Map<unknown, string>();

function commands(client: Client): Record<string, typeof Command> {
  return Object.fromEntries(
    OPERATIONS[client].map((operation) => {
      const command = class extends Command {};
      commandNames.set(command, operation);
      return [`${operation}Command`, command];
    }),
  );
}

class ServiceError extends Error {}

/** The error classes that the runtime asks for by `instanceof`. */
const errorClasses = {
  ConditionalCheckFailedException: class extends ServiceError {},
  TransactionCanceledException: class extends ServiceError {},
  TransactionConflictException: class extends ServiceError {},
  NoSuchKey: class extends ServiceError {},
};

/** A client class of the SDK; a call is made in the name of the environment that runs. */
function clientClass(name: Client) {
  return class {
    readonly #timeout: number | undefined;

    constructor(options: { requestHandler?: { requestTimeout?: number } } = {}) {
      this.#timeout = options.requestHandler?.requestTimeout;
    }

    send(command: Command, { abortSignal }: { abortSignal?: AbortSignal } = {}): Promise<unknown> {
      return new Call(runningEnvironment(), name, command, this.#timeout, abortSignal).start();
    }
  };
}

const modules = new Map<string, unknown>([
  ["@aws-sdk/client-dynamodb", { ...commands("dynamodb"), ...errorClasses, DynamoDBClient: clientClass("dynamodb") }],
  ["@aws-sdk/client-sns", { ...commands("sns"), SNSClient: clientClass("sns") }],
  ["@aws-sdk/client-sqs", { ...commands("sqs"), SQSClient: clientClass("sqs") }],
  ["@aws-sdk/client-s3", { ...commands("s3"), S3Client: clientClass("s3"), S3ServiceException: errorClasses.NoSuchKey }],
  ["@aws-sdk/client-sesv2", { ...commands("ses"), SESv2Client: clientClass("ses") }],
  ["node:timers", { setTimeout: globals.setTimeout, clearTimeout: globals.clearTimeout }],
]);

const requireNode: (name: string) => unknown = createRequire(import.meta.url);

/** What `require` gives to the code of a function. */
export function requireModule(name: string): unknown {
  return modules.get(name) ?? requireNode(name);
}

/** One call of a client, with its attempts. */
class Call {
  readonly #environment: Environment;
  readonly #client: Client;
  readonly #operation: string;
  readonly #input: unknown;
  readonly #timeout: number | undefined;
  readonly #token: string | undefined;
  readonly #abortSignal: AbortSignal | undefined;
  readonly #settled = Promise.withResolvers<unknown>();
  #attempt = 0;

  constructor(
    environment: Environment,
    client: Client,
    command: Command,
    timeout: number | undefined,
    abortSignal: AbortSignal | undefined,
  ) {
    this.#environment = environment;
    this.#client = client;
    this.#operation = commandNames.get(command.constructor) ?? command.constructor.name;
    this.#input = command.input;
    this.#timeout = timeout;
    this.#token = this.#operation === "TransactWriteItems" ? uuid(environment) : undefined;
    this.#abortSignal = abortSignal;
  }

  start(): Promise<unknown> {
    this.#environment.world.checks.called(this.#environment, this.#operation, this.#input);
    this.#abortSignal?.addEventListener("abort", () => this.#settled.reject(named("AbortError", "aborted")), { once: true });
    this.#try();
    return this.#settled.promise;
  }

  #try(): void {
    const environment = this.#environment;
    const { faults, scheduler, random } = environment.world;
    if (environment.dead) return;
    if (faults.happens("lambda.crash-before-call")) return environment.crash();
    this.#attempt++;
    const late = this.#client === "dynamodb" && faults.happens("dynamodb.request-late");
    const hangs = this.#client === "sns" && faults.happens("publish.hangs");
    const there =
      random.between(1, 8) +
      (late ? faults.between("dynamodb.request-late", 0, 2 * SLOW_MILLISECONDS) : 0) +
      (hangs ? HANGING_MILLISECONDS : 0);
    const back = random.between(1, 8) + this.#delay() + this.#staleness();
    let open = true;
    const once = (finish: () => void) => () => {
      if (!open) return;
      open = false;
      finish();
    };
    if (this.#timeout !== undefined && there + back > this.#timeout) {
      scheduler.after(this.#timeout, () =>
        environment.resume(once(() => this.#failed(new AwsError("TimeoutError", "no answer in time", true)))),
      );
    }
    scheduler.after(there, () => {
      const result = this.#arrive();
      if (faults.happens("lambda.crash-after-call")) return environment.crash();
      scheduler.after(back, () => environment.resume(once(() => this.#answered(result))));
    });
  }

  #delay(): number {
    const { faults } = this.#environment.world;
    if (this.#mayDouble() && faults.happens("lambda.stalled")) {
      if (this.#environment.invocation) this.#environment.invocation.stalled = true;
      return faults.between("lambda.stalled", 0, STALL_MILLISECONDS);
    }
    if (this.#client !== "dynamodb") return 0;
    if (faults.happens("dynamodb.slow")) return faults.between("dynamodb.slow", 0, SLOW_MILLISECONDS);
    return 0;
  }

  /** How long the answer of a read is held back, so that what it says is of the past when it comes. */
  #staleness(): number {
    const { faults } = this.#environment.world;
    const reads = ["GetItem", "BatchGetItem", "Query"].includes(this.#operation);
    return reads && faults.happens("dynamodb.read-stale") ? faults.between("dynamodb.read-stale", 100, 2_000) : 0;
  }

  /** The request reaches its service, which carries it out; the answer may be lost on its way. */
  #arrive(): { output?: unknown; error?: AwsError } {
    const { world } = this.#environment;
    try {
      const output = this.#carryOut();
      if (this.#mayDouble() && world.faults.happens(this.#lostAnswer()))
        return { error: new AwsError("TimeoutError", "the connection broke", true) };
      return { output };
    } catch (error) {
      if (error instanceof AwsError) return { error };
      throw error;
    }
  }

  #carryOut(): unknown {
    const environment = this.#environment;
    const { world } = environment;
    world.trace(`${environment.name} ${this.#operation} #${this.#attempt}`);
    switch (this.#client) {
      case "dynamodb":
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulation reads what the runtime writes
        return world.tableOf(environment.service).execute(this.#operation, this.#input as TableInput, this.#token);
      case "sqs":
        return answerQueueCall(environment, this.#operation, this.#input);
      case "ses":
        return sendEmail(environment, this.#input);
      case "s3":
        return world.objects.answer(this.#operation, this.#input);
      case "sns": {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulation reads what the runtime writes
        const input = this.#input as { TopicArn: string; PublishBatchRequestEntries: readonly Entry[] };
        return world.topic(input.TopicArn).publishBatch(input.PublishBatchRequestEntries, environment.service);
      }
    }
  }

  /**
   * Whether the call may be made twice because its answer is lost. Most of those that send a message again are spared: with every other one
   * doubled, no number of attempts would be few enough for the copies to die out.
   */
  #mayDouble(): boolean {
    return this.#operation !== "SendMessage" || this.#environment.world.random.chance(SENT_TWICE);
  }

  #lostAnswer() {
    switch (this.#client) {
      case "dynamodb":
        return "dynamodb.answer-lost";
      case "sqs":
        return "queue.answer-lost";
      case "ses":
        return "email.answer-lost";
      case "s3":
        return "objects.answer-lost";
      case "sns":
        return "publish.answer-lost";
    }
  }

  #answered({ output, error }: { output?: unknown; error?: AwsError }): void {
    if (error) return this.#failed(error);
    const environment = this.#environment;
    if (environment.invocation && isPartial(output)) environment.invocation.troubles++;
    // Whoever has given up on the call does not learn of its good end.
    if (!this.#abortSignal?.aborted) environment.world.checks.succeeded(environment, this.#operation, this.#input, output);
    this.#settled.resolve(output);
  }

  #failed(error: AwsError): void {
    const environment = this.#environment;
    if (environment.invocation) environment.invocation.troubles++;
    if (error.retryable && this.#attempt < ATTEMPTS) {
      const wait = environment.world.random.next() * BACKOFF_MILLISECONDS * 2 ** (this.#attempt - 1);
      environment.world.scheduler.after(wait, () => environment.resume(() => this.#try()));
      return;
    }
    const traits = error.retryable ? { $fault: "server", $retryable: {} } : {};
    this.#settled.reject(named(error.name, error.message, { ...error.details, ...traits }));
  }
}

/** Whether a call was done in part: entries failed, or keys were left. */
function isPartial(output: unknown): boolean {
  if (typeof output !== "object" || output === null) return false;
  const failed: unknown = Reflect.get(output, "Failed");
  const left: unknown = Reflect.get(output, "UnprocessedKeys");
  return (
    (Array.isArray(failed) && failed.length > 0) || (typeof left === "object" && left !== null && Object.keys(left).length > 0)
  );
}

/** An error of the class that the SDK would throw. */
function named(name: string, message: string, details: Readonly<Record<string, unknown>> = {}): Error {
  const classes: Record<string, typeof ServiceError> = errorClasses;
  const error = new (classes[name] ?? ServiceError)(message);
  return Object.assign(error, { name }, details);
}
