import { ActivityLog } from "./activity.ts";
import { readAssembly } from "./assembly.ts";
import { Chaos } from "./chaos/chaos.ts";
import { Changes } from "./changes.ts";
import { startEngines } from "./engines.ts";
import type { MessagingEngine } from "./engines/fauxqs.ts";
import { EngineQueue, type HeldMessage, type QueueCounts } from "./engines/queue.ts";
import { CloudError } from "./errors.ts";
import { accessKeyOf } from "./function-environment.ts";
import { Gateway } from "./gateway.ts";
import { claimPersistFolder } from "./persist-folder.ts";
import { provision } from "./provision.ts";
import type { Deployment, MissingResource } from "./resources/resource.ts";
import { removeStaleSubscriptions } from "./resources/sns.ts";
import { DynamoDbService } from "./services/dynamodb.ts";
import { InspectionPages } from "./services/inspection.ts";
import { LambdaService } from "./services/lambda.ts";
import { MessagingService } from "./services/messaging.ts";
import { Mailbox } from "./services/ses.ts";
import { ParameterStore } from "./services/ssm.ts";
import { cloudStatus, deadLetterQueueOf, type CloudStatus } from "./status.ts";
import { Workload } from "./workload.ts";

/** Where emulators are looked for by default. */
const DEFAULT_PORT = 4566;

export interface CloudOptions {
  /** The folder that `cdk synth` wrote: `cdk.out`. */
  readonly assembly: string;
  /** The gateway's port; 0 takes any that is free. @default 4566 */
  readonly port?: number;
  /** A folder that keeps queues, tables and parameters across restarts. @default - they end with the cloud */
  readonly persist?: string;
  /** SSM parameters, and parameters of templates, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The endpoint of a DynamoDB to use. @default - one is started */
  readonly dynamodb?: string;
  /** Told of each step of the start, as it begins. */
  readonly onProgress?: (step: string) => void;
}

/** A cloud assembly that runs on this machine. */
export interface Cloud {
  /** The gateway: what AWS_ENDPOINT_URL is set to. */
  readonly endpoint: string;
  readonly mailbox: Mailbox;
  readonly activity: ActivityLog;
  /** What the templates have and this cloud does not. */
  readonly missing: readonly MissingResource[];
  /** The role behind each access key that functions call with. */
  readonly callers: ReadonlyMap<string, string>;
  /** Process id of the DynamoDB engine; absent where another DynamoDB is used. */
  readonly tableProcess: number | undefined;
  /** Resolves when the cloud has stopped: with one line where that was not asked for. */
  readonly ended: Promise<string | undefined>;
  status(): Promise<CloudStatus>;
  /** Looks into a queue without receiving. @throws CloudError where there is none of that name. */
  queue(name: string): InspectedQueue;
  /** What lies in the dead-letter queue of a queue. @throws CloudError where it has none. */
  deadLetters(queueName: string): readonly HeldMessage[];
  /**
   * Resolves when no queue that a function drains holds, delays or has in flight anything, no invocation runs and
   * nothing is being published. @throws CloudError after the time given (milliseconds); it says what remains.
   */
  settled(timeoutMilliseconds?: number): Promise<void>;
  /** Makes waiting retries and delayed messages due at once. */
  hurry(): void;
  /**
   * Ends an execution environment of a function in the middle of what it does, as a failing host does; a busy one where there is
   * one. @returns false where none was alive. @throws CloudError where there is no function of that name.
   */
  crash(functionName: string): boolean;
  /** Feeds a function no more, as a disabled event source mapping does; resolves when what runs has ended. @throws as `crash` */
  disable(functionName: string): Promise<void>;
  /** Feeds a function again. @throws as `crash` */
  enable(functionName: string): void;
  /** Ends in order: running invocations end, then the gateway and the engines. Calls after the first join it. */
  stop(): Promise<void>;
}

export interface InspectedQueue {
  readonly counts: QueueCounts;
  readonly messages: readonly HeldMessage[];
}

/**
 * Runs a cloud assembly: starts the engines and the gateway, brings the templates' resources into being, and begins to
 * feed the functions.
 *
 * @throws CloudError in one line for what its user can mend: a port in use, a missing parameter, a broken assembly.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const starting = new CloudStart(options);
  try {
    return await starting.run();
  } catch (error) {
    await starting.stop();
    throw error;
  }
}

/** A start in progress: what has been started by now, so that it can be stopped again. */
class CloudStart {
  readonly #options: CloudOptions;
  readonly #activity = new ActivityLog();
  readonly #chaos = new Chaos((line) => this.#activity.notice(line));
  readonly #changes = new Changes();
  readonly #published = new Map<string, number>();
  readonly #mailbox = new Mailbox();
  readonly #ended = Promise.withResolvers<string | undefined>();
  /** Undoes the steps taken, last first. */
  readonly #undo: (() => void | Promise<void>)[] = [];
  #stopping: Promise<void> | undefined;
  #death: string | undefined;

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  async run(): Promise<Cloud> {
    const { onProgress = () => {} } = this.#options;
    onProgress("read the cloud assembly");
    const assembly = readAssembly(this.#options.assembly);
    const folder = this.#claimFolder();
    const gateway = await Gateway.listen(this.#options.port ?? DEFAULT_PORT);
    this.#undo.push(() => gateway.close());
    onProgress("start the engines");
    const engines = await startEngines({
      port: gateway.port,
      folder,
      dynamodb: this.#options.dynamodb,
      onPublish: (message) => this.#onPublish(message),
      onDeath: (reason) => this.#onDeath(reason),
    });
    this.#undo.push(() => engines.stop());
    onProgress("create the resources");
    const dynamodb = new DynamoDbService(engines.dynamodb);
    this.#undo.push(() => dynamodb.close());
    const deployment = this.#plan(gateway.port, engines.messaging, dynamodb, assembly.assets, folder?.path("parameters.json"));
    await provision(assembly, deployment);
    removeStaleSubscriptions(deployment);
    onProgress("start the functions");
    return this.#open(gateway, deployment, engines.tableProcess);
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#undoAll());
  }

  async #undoAll(): Promise<void> {
    for (const undo of this.#undo.toReversed()) await undo();
    this.#ended.resolve(this.#death);
  }

  #claimFolder() {
    if (this.#options.persist === undefined) return undefined;
    const folder = claimPersistFolder(this.#options.persist);
    this.#undo.push(() => folder.release());
    return folder;
  }

  #plan(
    port: number,
    messaging: MessagingEngine,
    dynamodb: DynamoDbService,
    assets: ReadonlyMap<string, string>,
    parameterFile: string | undefined,
  ): Deployment {
    const givenParameters = this.#options.parameters ?? {};
    const parameters = new ParameterStore(parameterFile);
    for (const [name, value] of Object.entries(givenParameters)) parameters.put(name, value);
    return {
      port,
      messaging,
      dynamodb,
      parameters,
      givenParameters,
      assets,
      functions: new Map(),
      mappings: [],
      roles: new Map(),
      subscriptions: new Set(),
      queues: new Set(),
      missing: [],
    };
  }

  #open(gateway: Gateway, deployment: Deployment, tableProcess: number | undefined): Cloud {
    const { dynamodb, messaging, missing, parameters } = deployment;
    const workload = new Workload(this.#activity, this.#changes);
    const sending = new MessagingService(messaging, this.#changes.notify);
    const startedAt = Date.now();
    const status = () =>
      cloudStatus({
        endpoint: gateway.endpoint,
        startedAt,
        messaging,
        tables: dynamodb.upstream,
        workload,
        published: this.#published,
        emails: () => this.#mailbox.sent,
        missing,
      });
    gateway.open({
      messaging: sending,
      dynamodb,
      parameters,
      mailbox: this.#mailbox,
      lambda: new LambdaService(workload.functions),
      chaos: this.#chaos,
      inspection: new InspectionPages({ status, mailbox: this.#mailbox, activity: this.#activity }),
    });
    this.#undo.push(() => workload.stop());
    workload.start(deployment, gateway.endpoint);
    const remaining = () => [...workload.remaining(), ...(sending.sending === 0 ? [] : [`${sending.sending} calls publish`])];
    return {
      endpoint: gateway.endpoint,
      mailbox: this.#mailbox,
      activity: this.#activity,
      missing,
      callers: new Map([...deployment.functions.values()].map(({ role }) => [accessKeyOf(role), role])),
      tableProcess,
      ended: this.#ended.promise,
      status,
      queue: (name) => inspect(messaging, name),
      deadLetters: (name) => deadLetters(messaging, name),
      settled: (timeoutMilliseconds) => this.#changes.untilNothing(remaining, timeoutMilliseconds),
      hurry: () => workload.hurry(),
      crash: (functionName) => workload.crash(functionName),
      disable: (functionName) => workload.disable(functionName),
      enable: (functionName) => workload.enable(functionName),
      stop: () => this.stop(),
    };
  }

  #onPublish({ topic, type, bytes }: { topic: string; type: string | undefined; bytes: number }): void {
    this.#published.set(topic, (this.#published.get(topic) ?? 0) + 1);
    this.#activity.record({ kind: "publish", time: Date.now(), topic, ...(type === undefined ? {} : { type }), bytes });
  }

  #onDeath(reason: string): void {
    this.#death = reason;
    this.#activity.notice(reason);
    void this.stop();
  }
}

function inspect({ sqs }: MessagingEngine, name: string): InspectedQueue {
  const stored = sqs.getQueueByName(name);
  if (!stored)
    throw new CloudError(`There is no queue ${name}. There are: ${[...sqs.allQueues()].map((it) => it.name).join(", ")}.`);
  const queue = new EngineQueue(stored, sqs);
  return { counts: queue.counts, messages: queue.inspect() };
}

function deadLetters(messaging: MessagingEngine, name: string): readonly HeldMessage[] {
  const target = deadLetterQueueOf(messaging.sqs.getQueueByName(name)?.attributes["RedrivePolicy"]);
  if (target === undefined) throw new CloudError(`The queue ${name} does not exist or has no dead-letter queue.`);
  return inspect(messaging, target).messages;
}
