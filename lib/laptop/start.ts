import { dirname, resolve } from "node:path";
import { ActivityLog } from "./shared/activity.ts";
import { readAssembly } from "./assembly/assembly.ts";
import { Chaos } from "./chaos/chaos.ts";
import { passOn } from "./services/lambda/asynchronous/outcomes.ts";
import { Changes } from "./shared/changes.ts";
import type { Cloud, CloudOptions } from "./cloud.ts";
import { CodeFolders } from "./services/lambda/code/code-folders.ts";
import { startEngines } from "./services/fauxqs/engines.ts";
import type { MessagingEngine } from "./services/fauxqs/fauxqs.ts";
import { Destinations } from "./shared/destinations.ts";
import { Gateway } from "./gateway/gateway.ts";
import { access } from "./iam/access.ts";
import { Iam } from "./iam/iam.ts";
import { deadLetters, inspectQueue } from "./services/sqs/inspected-queue.ts";
import { claimPersistFolder, type PersistFolder } from "./shared/persist-folder.ts";
import { provision } from "./cloudformation/provision.ts";
import type { Deployment } from "./cloudformation/resource.ts";
import { removeStaleSubscriptions } from "./services/sns/resources.ts";
import { selectStacks } from "./assembly/select-stacks.ts";
import { DynamoDbService } from "./services/dynamodb/dynamodb.ts";
import { FunctionUrls } from "./services/lambda/urls/function-url.ts";
import { InspectionPages } from "./gateway/inspection.ts";
import { LambdaService } from "./services/lambda/lambda.ts";
import { MessagingService } from "./services/fauxqs/messaging.ts";
import { ObjectNotifications } from "./services/s3/object-notifications.ts";
import { Mailbox } from "./services/ses/ses.ts";
import { ParameterStore } from "./services/ssm/ssm.ts";
import { StreamCheckpoints } from "./services/lambda/mappings/stream-checkpoints.ts";
import { cloudStatus } from "./status.ts";
import { Workload } from "./services/lambda/workload.ts";

/** Where emulators are looked for by default. */
const DEFAULT_PORT = 4566;

/** A start in progress: what has been started by now, so that it can be stopped again. */
export class CloudStart {
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
      queue: (name) => inspectQueue(messaging, name),
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
