import { dirname, resolve } from "node:path";
import { ActivityLog } from "./activity.ts";
import { readAssembly } from "./assembly.ts";
import { Chaos } from "./chaos/chaos.ts";
import { passOn } from "./async-outcomes.ts";
import { Changes } from "./changes.ts";
import { CodeFolders } from "./code-folders.ts";
import { startEngines } from "./engines.ts";
import type { MessagingEngine } from "./engines/fauxqs.ts";
import { EngineQueue, type HeldMessage, type QueueCounts } from "./engines/queue.ts";
import { Destinations } from "./destinations.ts";
import { CloudError } from "./errors.ts";
import { Gateway } from "./gateway.ts";
import type { IamMode, SeenAccess } from "./iam/access-control.ts";
import type { Credentials } from "./iam/callers.ts";
import { access } from "./iam/calls/call.ts";
import { type ActingService, Iam } from "./iam/iam.ts";
import { claimPersistFolder, type PersistFolder } from "./persist-folder.ts";
import { provision } from "./provision.ts";
import type { Deployment, MissingResource } from "./resources/resource.ts";
import { removeStaleSubscriptions } from "./resources/sns.ts";
import { selectStacks } from "./select-stacks.ts";
import { DynamoDbService } from "./services/dynamodb.ts";
import { FunctionUrls } from "./services/function-url.ts";
import { InspectionPages } from "./services/inspection.ts";
import { LambdaService } from "./services/lambda.ts";
import { MessagingService } from "./services/messaging.ts";
import { ObjectNotifications } from "./services/object-notifications.ts";
import { Mailbox } from "./services/ses.ts";
import { ParameterStore } from "./services/ssm.ts";
import { StreamCheckpoints } from "./services/stream-checkpoints.ts";
import { cloudStatus, deadLetterQueueOf, type CloudStatus } from "./status.ts";
import { Workload } from "./workload.ts";

/** Where emulators are looked for by default. */
const DEFAULT_PORT = 4566;

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
  /** What becomes of calls that the templates' IAM policies refuse: `report` lets them through and says so. @default enforce */
  readonly iam?: IamMode;
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
   * Resolves when no queue that a function drains holds, delays or has in flight anything, every change of a table whose stream a
   * function reads is handled, no invocation runs and nothing is being published. @throws CloudError after the time given (milliseconds); it says what remains.
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
  readonly #iam: Iam;
  readonly #chaos = new Chaos((line) => this.#activity.notice(line));
  readonly #changes = new Changes();
  readonly #published = new Map<string, number>();
  readonly #mailbox = new Mailbox();
  readonly #ended = Promise.withResolvers<string | undefined>();
  /** Undoes the steps taken, last first. */
  readonly #undo: (() => void | Promise<void>)[] = [];
  #notifications: ObjectNotifications | undefined;
  #workload: Workload | undefined;
  #stopping: Promise<void> | undefined;
  #death: string | undefined;

  constructor(options: CloudOptions) {
    this.#options = options;
    this.#iam = new Iam(options.iam ?? "enforce", this.#activity);
  }

  async run(): Promise<Cloud> {
    const { onProgress = () => {} } = this.#options;
    onProgress("read the cloud assembly");
    const assembly = selectStacks(readAssembly(this.#options.assembly), this.#options.stacks ?? []);
    const folder = this.#claimFolder();
    const gateway = await Gateway.listen(this.#options.port ?? DEFAULT_PORT);
    this.#undo.push(() => gateway.close());
    onProgress("start the engines");
    const engines = await startEngines({
      port: gateway.port,
      folder,
      dynamodb: this.#options.dynamodb,
      mayDeliver: (topicArn, endpointArn) =>
        this.#iam.mayHandOver({ service: "sns.amazonaws.com", sourceArn: topicArn }, endpointArn),
      invokeFunction: (functionArn, event) => this.#workload?.invokeAsync(functionArn, event),
      onPublish: (message) => this.#onPublish(message),
      onObjectChange: (change) => this.#notifications?.notify(change),
      onDeath: (reason) => this.#onDeath(reason),
    });
    this.#undo.push(() => engines.stop());
    onProgress("create the resources");
    const dynamodb = new DynamoDbService(engines.dynamodb);
    this.#undo.push(() => dynamodb.close());
    const deployment = this.#plan(gateway.port, engines.messaging, dynamodb, assembly.assets, folder);
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
    folder: PersistFolder | undefined,
  ): Deployment {
    const givenParameters = this.#options.parameters ?? {};
    const parameters = new ParameterStore(folder?.path("parameters.json"));
    for (const [name, value] of Object.entries(givenParameters)) parameters.put(name, value);
    const code = new CodeFolders(assets, this.#options.assembly);
    this.#undo.push(() => code.remove());
    return {
      port,
      messaging,
      dynamodb,
      parameters,
      givenParameters,
      assets,
      code,
      projects: [dirname(resolve(this.#options.assembly)), process.cwd()],
      layers: new Map(),
      functions: new Map(),
      idleFunctions: new Set(),
      functionUrls: new Map(),
      mappings: [],
      streamMappings: [],
      checkpoints: new StreamCheckpoints(folder?.path("streams.json")),
      notifications: [],
      policies: this.#iam.policies,
      subscriptions: new Set(),
      queues: new Set(),
      missing: [],
    };
  }

  #open(gateway: Gateway, deployment: Deployment, tableProcess: number | undefined): Cloud {
    const { dynamodb, messaging, missing, parameters } = deployment;
    const { callers, door } = this.#iam.open(deployment);
    const { control } = this.#iam;
    const workload = new Workload(this.#activity, this.#changes, (ended) =>
      passOn(ended, destinations, (line) => this.#activity.notice(line)),
    );
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
      lambda: new LambdaService(workload.functions, (found, event) => workload.acceptAsync(found, event)),
      functionUrls: new FunctionUrls(deployment.functionUrls, workload.functions, (request, action, resource) =>
        door.require(request, "lambda", { action, resources: [resource] }),
      ),
      iam: door,
      chaos: this.#chaos,
      inspection: new InspectionPages({ status, mailbox: this.#mailbox, activity: this.#activity }),
    });
    this.#workload = workload;
    this.#undo.push(() => workload.stop());
    const destinations = new Destinations(
      messaging,
      gateway.port,
      (functionArn, event) => workload.invokeAsync(functionArn, event),
      (from, arn) => this.#iam.mayHandOver(from, arn),
    );
    const notifications = this.#notifyOfObjects(deployment, destinations);
    workload.start(deployment, gateway.endpoint, destinations);
    const remaining = () => [
      ...workload.remaining(),
      ...(sending.sending === 0 ? [] : [`${sending.sending} calls publish`]),
      ...(notifications.delivering === 0 ? [] : [`${notifications.delivering} events of objects are on their way`]),
    ];
    return {
      endpoint: gateway.endpoint,
      mailbox: this.#mailbox,
      activity: this.#activity,
      missing,
      callers: callers.roles,
      get accesses() {
        return control.seen;
      },
      credentialsOf: (functionOrRole) => callers.credentialsOf(functionOrRole),
      allows: (caller, action, resource) =>
        control.allows(
          typeof caller === "string" ? callers.named(caller) : { kind: "service", ...caller },
          access(action, resource),
        ),
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

  #notifyOfObjects({ notifications }: Deployment, destinations: Destinations): ObjectNotifications {
    const onDone = (failure?: string) => {
      if (failure !== undefined) this.#activity.notice(failure);
      this.#changes.notify();
    };
    return (this.#notifications = new ObjectNotifications(
      notifications,
      (arn, event) => {
        const from = { service: "s3.amazonaws.com", sourceArn: event.Records[0].s3.bucket.arn };
        return destinations.send(from, arn, event, "Amazon S3 Notification");
      },
      onDone,
    ));
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
