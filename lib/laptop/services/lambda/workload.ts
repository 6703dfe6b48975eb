import { setTimeout as delay } from "node:timers/promises";
import { nameOf } from "../../shared/account.ts";
import type { ActivityLog } from "../../shared/activity.ts";
import type { Changes } from "../../shared/changes.ts";
import { watchCode } from "./code/code-watch.ts";
import { EngineQueue } from "../fauxqs/queue.ts";
import type { StoredQueue } from "../fauxqs/fauxqs.ts";
import { CloudError, messageOf } from "../../shared/errors.ts";
import { AsyncInvocations, type EndedInvocation } from "./asynchronous/async-invocations.ts";
import { EventSourceMapping } from "./mappings/event-source-mapping.ts";
import { withLambdaEnvironment } from "./functions/function-environment.ts";
import { findFunction, type DeployedFunction, type FoundFunction, type Invocable } from "./functions/function-lookup.ts";
import type { Destinations } from "../../shared/destinations.ts";
import {
  reportMissing,
  type Deployment,
  type PlannedMapping,
  type PlannedStreamMapping,
} from "../../cloudformation/resource.ts";
import { FunctionSandbox } from "./sandbox/sandbox.ts";
import type { StreamMapping } from "./mappings/stream-mapping.ts";
import { streamReader, type StreamReader } from "./mappings/stream-readers.ts";
import type { Activity } from "../../shared/types.ts";

/** What an invocation may still take when the cloud stops; a message it had goes back to its queue. */
const GRACE_MILLISECONDS = 5_000;

/** A queue and the mapping that drains it. */
export interface DrainedQueue {
  readonly queue: EngineQueue;
  readonly functionName: string;
  readonly mapping: EventSourceMapping;
}

/** What runs: functions, and the mappings that feed them. */
export class Workload {
  readonly functions = new Map<string, DeployedFunction<FunctionSandbox>>();
  readonly drained: DrainedQueue[] = [];
  readonly streams: StreamReader[] = [];
  readonly #watches: (() => void)[] = [];
  readonly #activity: ActivityLog;
  readonly #changes: Changes;
  readonly #async: AsyncInvocations;

  /** `onAsyncEnd` is told how each asynchronous invocation has ended, and resolves when that has been passed on. */
  constructor(activity: ActivityLog, changes: Changes, onAsyncEnd: (ended: EndedInvocation) => Promise<void>) {
    this.#activity = activity;
    this.#changes = changes;
    this.#async = new AsyncInvocations(onAsyncEnd, changes.notify);
  }

  /**
   * Starts what a deployment asks for; a mapping without its function or queue is reported as missing.
   *
   * @param destinations what is told of the batches of streams that are given up
   * @throws CloudError for a setting of a mapping that Lambda refuses.
   */
  start(deployment: Deployment, endpoint: string, destinations: Destinations): void {
    for (const planned of deployment.functions.values()) {
      const config = withLambdaEnvironment(planned, endpoint);
      const sandbox = new FunctionSandbox(config, this.#onActivity);
      this.functions.set(config.name, { ...planned, config, sandbox });
      if (deployment.code.isEdited(config.codeDirectory))
        this.#watches.push(watchCode(config.codeDirectory, () => this.#swapCode(config.name, sandbox)));
    }
    this.#tellRuntimes();
    for (const planned of deployment.mappings) this.#connect(planned, deployment);
    for (const planned of deployment.streamMappings) this.#connectStream(planned, deployment, destinations);
    for (const { mapping } of this.#mapped) mapping.start();
  }

  /** What is still to be done, a line each; nothing where every drained queue is empty and nothing runs. */
  remaining(): string[] {
    const queues = this.drained.flatMap(({ queue }) => {
      const { ready, inFlight, delayed } = queue.counts;
      return ready + inFlight + delayed === 0
        ? []
        : [`${queue.name} has ${ready} ready, ${inFlight} in flight, ${delayed} delayed`];
    });
    const functions = [...this.functions.values()].flatMap(({ config, sandbox }) =>
      sandbox.running === 0 ? [] : [`${config.name} runs ${sandbox.running} invocations`],
    );
    const batches = this.drained.reduce((sum, { mapping }) => sum + mapping.active, 0);
    const streams = this.streams.flatMap(({ table, functionName, mapping }) =>
      mapping.idle ? [] : [`${functionName} has not handled all changes of ${table}`],
    );
    return [
      ...queues,
      ...streams,
      ...functions,
      ...this.#async.remaining(),
      ...(batches === 0 ? [] : [`${batches} batches are in hand`]),
    ];
  }

  /** Makes waiting retries and delayed messages due at once; what a live invocation holds stays with it. */
  hurry(): void {
    for (const { queue } of this.drained) queue.hurry((handle) => this.#isProcessing(handle));
    for (const { mapping } of this.streams) mapping.hurry();
    this.#async.hurry();
    this.#changes.notify();
  }

  /** Ends an environment of a function. @returns false where none was alive. @throws CloudError where there is no such function. */
  crash(functionName: string): boolean {
    return this.#existing(functionName).sandbox.crash();
  }

  /**
   * Invokes a function without waiting for its end; failures are tried again as Lambda does.
   *
   * @param functionArn a name or an ARN, with a qualifier or without
   * @throws CloudError where there is no such function, version or alias
   */
  invokeAsync(functionArn: string, event: unknown): void {
    const found = findFunction(this.functions, functionArn);
    if (!found) throw new CloudError(`there is no function ${functionArn}`);
    this.acceptAsync(found, event);
  }

  /** As {@link invokeAsync}, for a function that has been found. @returns the request id */
  acceptAsync(found: FoundFunction, event: unknown): string {
    return this.#async.accept(found, event);
  }

  /** Feeds a function no more; resolves when what runs has ended. @throws CloudError where there is no such function. */
  async disable(functionName: string): Promise<void> {
    await Promise.all(this.#mappingsOf(functionName).map((mapping) => mapping.stop()));
  }

  /** Feeds a function again. @throws CloudError where there is no such function. */
  enable(functionName: string): void {
    for (const mapping of this.#mappingsOf(functionName)) mapping.start();
  }

  /** Receives no more, gives running invocations some time to end, and ends the functions. */
  async stop(): Promise<void> {
    for (const end of this.#watches) end();
    const ended = Promise.all([this.#async.stop(), ...this.#mapped.map(({ mapping }) => mapping.stop())]);
    await Promise.race([ended, delay(GRACE_MILLISECONDS, undefined, { ref: false })]);
    await Promise.all([...this.functions.values()].map(({ sandbox }) => sandbox.stop()));
    await ended;
  }

  get #mapped(): readonly (DrainedQueue | StreamReader)[] {
    return [...this.drained, ...this.streams];
  }

  #mappingsOf(functionName: string): (EventSourceMapping | StreamMapping)[] {
    const { config } = this.#existing(functionName);
    return this.#mapped.filter((mapped) => mapped.functionName === config.name).map(({ mapping }) => mapping);
  }

  #existing(functionName: string): DeployedFunction<FunctionSandbox> {
    const deployed = this.functions.get(functionName);
    if (deployed) return deployed;
    throw new CloudError(`There is no function ${functionName}. There are: ${[...this.functions.keys()].join(", ")}.`);
  }

  #isProcessing(receiptHandle: string): boolean {
    return this.drained.some(({ mapping }) => mapping.isProcessing(receiptHandle));
  }

  #connect(planned: PlannedMapping, deployment: Deployment): void {
    const { functionName, queueArn, qualifier, resource } = planned;
    const { sqs } = deployment.messaging;
    const stored = sqs.getQueueByArn(queueArn);
    const found = findFunction(this.functions, functionName, qualifier);
    if (!stored || !found) {
      const lacking = stored ? `function ${functionName}` : `queue ${nameOf(queueArn)}`;
      reportMissing(deployment, resource, `${functionName} is not fed from ${nameOf(queueArn)}: there is no ${lacking} here`);
      return;
    }
    const queue = new EngineQueue(stored, sqs, this.#changes.notify);
    const config = { ...planned, visibilityTimeoutSeconds: visibilityTimeout(stored) };
    try {
      const mapping = new EventSourceMapping(config, queue, qualified(found), this.#onActivity);
      this.drained.push({ queue, functionName, mapping });
    } catch (error) {
      throw new CloudError(messageOf(error));
    }
  }

  #connectStream(planned: PlannedStreamMapping, deployment: Deployment, destinations: Destinations): void {
    const { functionName, qualifier, resource, table } = planned;
    const found = findFunction(this.functions, functionName, qualifier);
    if (!found) {
      reportMissing(
        deployment,
        resource,
        `${functionName} is not fed from ${table}: there is no function ${functionName} here`,
      );
      return;
    }
    const onNotice = (line: string) => this.#activity.notice(line);
    const ports = { destinations, onNotice, onChange: this.#changes.notify };
    this.streams.push(streamReader(planned, found, deployment, ports));
  }

  /** Says once which runtimes are played by another one. */
  #tellRuntimes(): void {
    const own = `nodejs${process.versions.node.split(".")[0]}.x`;
    const others = new Set(
      [...this.functions.values()].map(({ config }) => config.runtime).filter((runtime) => runtime !== own),
    );
    if (others.size > 0)
      this.#activity.notice(`functions of ${[...others].toSorted().join(", ")} run on Node.js ${process.versions.node}`);
  }

  #swapCode(name: string, sandbox: FunctionSandbox): void {
    sandbox.replaceCode();
    this.#activity.notice(`${name} runs new code`);
  }

  readonly #onActivity = (activity: Activity): void => {
    this.#activity.record(activity);
    if (activity.kind === "invocation") this.#changes.notify();
  };
}

/** What invokes the version or alias that has been found. */
function qualified({ deployed, invokedArn, version }: FoundFunction): Invocable {
  return { invoke: (event) => deployed.sandbox.invoke(event, { invokedArn, version }) };
}

function visibilityTimeout(queue: StoredQueue): number {
  return Number(queue.getAttribute("VisibilityTimeout"));
}
