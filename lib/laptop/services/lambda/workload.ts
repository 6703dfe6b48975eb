import { setTimeout as delay } from "node:timers/promises";
import { nameOf } from "../../shared/account.ts";
import { noticeOf } from "../../iam/refusal.ts";
import { CloudError, messageOf } from "../../shared/errors.ts";
import type { Activity } from "../../shared/activity.ts";
import type { CloudContext } from "../context.ts";
import { AsyncInvocations } from "./asynchronous/async-invocations.ts";
import { passOn } from "./asynchronous/outcomes.ts";
import type { CodeFolders } from "./code/code-folders.ts";
import { watchCode } from "./code/code-watch.ts";
import { withLambdaEnvironment } from "./functions/function-environment.ts";
import { findFunction, type DeployedFunction, type FoundFunction, type Invocable } from "./functions/function-lookup.ts";
import { EventSourceMapping } from "./mappings/event-source-mapping.ts";
import { refusePolling } from "./mappings/polling.ts";
import type { MappedQueue, Sources } from "./mappings/sources.ts";
import type { StreamCheckpoints } from "./mappings/stream-checkpoints.ts";
import type { StreamMapping } from "./mappings/stream-mapping.ts";
import { streamReader, type StreamReader } from "./mappings/stream-readers.ts";
import type { LambdaPlan, PlannedFunction, PlannedMapping, PlannedStreamMapping } from "./plan.ts";
import { FunctionSandbox } from "./sandbox/sandbox.ts";

/**
 * What an invocation may still take when the cloud stops; a message it had goes back to its queue. With the second that a thread may take
 * to end, and what the engine takes, Ctrl-C ends within three.
 */
const GRACE_MILLISECONDS = 1_000;

/** A queue and the mapping that drains it. */
export interface DrainedQueue {
  readonly queue: MappedQueue;
  readonly functionName: string;
  readonly mapping: EventSourceMapping;
}

/** What functions are fed from, and where their code lies. */
export interface WorkloadSources {
  readonly sources: Sources;
  readonly checkpoints: StreamCheckpoints;
  readonly code: CodeFolders;
}

/** What runs: functions, and the mappings that feed them. */
export class Workload {
  readonly functions = new Map<string, DeployedFunction<FunctionSandbox>>();
  readonly drained: DrainedQueue[] = [];
  readonly streams: StreamReader[] = [];
  readonly #watches: (() => void)[] = [];
  readonly #context: CloudContext;
  readonly #from: WorkloadSources;
  readonly #async: AsyncInvocations;

  constructor(context: CloudContext, from: WorkloadSources) {
    const { activity, changes, clock, handOver } = context;
    this.#context = context;
    this.#from = from;
    const onEnd: ConstructorParameters<typeof AsyncInvocations>[1] = (ended) =>
      passOn(ended, handOver, (line) => activity.notice(line));
    this.#async = new AsyncInvocations(clock, onEnd, changes.notify);
  }

  /**
   * Starts what the templates ask for. A mapping without its function or queue, or whose role may not poll, is reported.
   *
   * @throws CloudError for a setting of a mapping that Lambda refuses
   */
  start({ functions, mappings, streamMappings }: LambdaPlan): void {
    for (const planned of functions.values()) this.#startFunction(planned);
    this.#noteRuntimes();
    for (const planned of mappings) if (this.#mayPoll(planned, planned.queueArn)) this.#connect(planned);
    for (const planned of streamMappings) if (this.#mayPoll(planned, planned.streamArn)) this.#connectStream(planned);
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
  skipWaits(): void {
    for (const { queue } of this.drained) queue.skipWaits((handle) => this.#isProcessing(handle));
    for (const { mapping } of this.streams) mapping.skipWaits();
    this.#async.skipWaits();
    this.#context.changes.notify();
  }

  /** Ends an environment of a function. @returns false where none was alive. @throws CloudError where there is no such function. */
  crash(functionName: string): boolean {
    return this.#existing(functionName).sandbox.crash();
  }

  /** Invokes a function without waiting for its end; failures are tried again as Lambda does. @returns the request id */
  accept(found: FoundFunction, event: unknown): string {
    return this.#async.accept(found, event);
  }

  /** Stops feeding a function; resolves when what runs has ended. @throws CloudError where there is no such function. */
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

  #startFunction(planned: PlannedFunction): void {
    const { name, arn, codeDirectory } = planned.config;
    const credentials = this.#context.iam.callers.add({ name, arn, role: planned.role });
    const config = withLambdaEnvironment(planned, `http://127.0.0.1:${this.#context.port}`, credentials);
    const sandbox = new FunctionSandbox(config, this.#onActivity, this.#context.answer);
    this.functions.set(name, { ...planned, config, sandbox });
    if (this.#from.code.isEdited(codeDirectory))
      this.#watches.push(
        watchCode(codeDirectory, {
          onChange: () => this.#swapCode(name, sandbox),
          onTrouble: (why) => this.#context.activity.notice(`${name}: ${why}`),
        }),
      );
  }

  #mayPoll({ functionName, resource }: PlannedMapping | PlannedStreamMapping, sourceArn: string): boolean {
    const role = this.functions.get(functionName)?.role ?? "";
    const refused = refusePolling(this.#context.iam.control, { functionName, role, sourceArn });
    if (refused) resource.report(`nothing is fed to ${functionName}: ${noticeOf(refused, "enforce")}`);
    return refused === undefined;
  }

  #connect(planned: PlannedMapping): void {
    const { functionName, queueArn, qualifier, resource } = planned;
    const queue = this.#from.sources.queue(queueArn);
    const found = findFunction(this.functions, functionName, qualifier);
    if (!queue || !found) {
      const lacking = queue ? `function ${functionName}` : `queue ${nameOf(queueArn)}`;
      resource.report(`${functionName} is not fed from ${nameOf(queueArn)}: there is no ${lacking} here`);
      return;
    }
    const config = { ...planned, visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds };
    try {
      const mapping = new EventSourceMapping(config, queue, qualified(found), this.#onActivity);
      this.drained.push({ queue, functionName, mapping });
    } catch (error) {
      throw new CloudError(messageOf(error));
    }
    if (planned.windowSeconds > queue.visibilityTimeoutSeconds)
      this.#context.activity.notice(
        `${functionName}: its batching window of ${planned.windowSeconds} s is longer than the visibility timeout of ` +
          `${queue.name}, ${queue.visibilityTimeoutSeconds} s: messages come back before their batch runs`,
      );
  }

  #connectStream(planned: PlannedStreamMapping): void {
    const { functionName, qualifier, resource, table } = planned;
    const found = findFunction(this.functions, functionName, qualifier);
    if (!found) {
      resource.report(`${functionName} is not fed from ${table}: there is no function ${functionName} here`);
      return;
    }
    const { activity, changes, handOver } = this.#context;
    const { sources, checkpoints } = this.#from;
    const onNotice = (line: string) => activity.notice(line);
    const ports = { sources, checkpoints, handOver, onNotice, onChange: changes.notify };
    this.streams.push(streamReader(planned, found, ports));
  }

  /** Says once which runtimes another one stands in for. */
  #noteRuntimes(): void {
    const own = `nodejs${process.versions.node.split(".")[0]}.x`;
    const others = new Set(
      [...this.functions.values()].map(({ config }) => config.runtime).filter((runtime) => runtime !== own),
    );
    if (others.size > 0)
      this.#context.activity.notice(
        `functions of ${[...others].toSorted().join(", ")} run on Node.js ${process.versions.node}`,
      );
  }

  #swapCode(name: string, sandbox: FunctionSandbox): void {
    sandbox.replaceCode();
    this.#context.activity.notice(`${name} runs new code`);
  }

  readonly #onActivity = (activity: Activity): void => {
    this.#context.activity.record(activity);
    if (activity.kind === "invocation") this.#context.changes.notify();
  };
}

/** What invokes the version or alias that has been found. */
function qualified({ deployed, invokedArn, version }: FoundFunction): Invocable {
  return { invoke: (event) => deployed.sandbox.invoke(event, { invokedArn, version }) };
}
