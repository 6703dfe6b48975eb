import { setTimeout as delay } from "node:timers/promises";
import { nameOf } from "./account.ts";
import type { ActivityLog } from "./activity.ts";
import type { Changes } from "./changes.ts";
import { watchCode } from "./code-watch.ts";
import { EngineQueue } from "./engines/queue.ts";
import type { StoredQueue } from "./engines/fauxqs.ts";
import { CloudError, messageOf } from "./errors.ts";
import { EventSourceMapping } from "./event-source-mapping.ts";
import { withLambdaEnvironment } from "./function-environment.ts";
import type { Deployment, PlannedMapping } from "./resources/resource.ts";
import { FunctionSandbox } from "./sandbox/sandbox.ts";
import type { DeployedFunction } from "./services/lambda.ts";
import type { Activity } from "./types.ts";

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
  readonly #watches: (() => void)[] = [];
  readonly #activity: ActivityLog;
  readonly #changes: Changes;

  constructor(activity: ActivityLog, changes: Changes) {
    this.#activity = activity;
    this.#changes = changes;
  }

  /** Starts what a deployment asks for. @throws CloudError for a mapping without its function or queue. */
  start(deployment: Deployment, endpoint: string): void {
    for (const planned of deployment.functions.values()) {
      const config = withLambdaEnvironment(planned, endpoint);
      const sandbox = new FunctionSandbox(config, this.#onActivity);
      this.functions.set(config.name, { config, role: planned.role, sandbox });
      this.#watches.push(watchCode(config.codeDirectory, () => this.#swapCode(config.name, sandbox)));
    }
    for (const planned of deployment.mappings) this.drained.push(this.#connect(planned, deployment));
    for (const { mapping } of this.drained) mapping.start();
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
    return [...queues, ...functions, ...(batches === 0 ? [] : [`${batches} batches are in hand`])];
  }

  /** Makes waiting retries and delayed messages due at once; what a live invocation holds stays with it. */
  hurry(): void {
    for (const { queue } of this.drained) queue.hurry((handle) => this.#isProcessing(handle));
    this.#changes.notify();
  }

  /** Ends an environment of a function. @returns false where none was alive. @throws CloudError where there is no such function. */
  crash(functionName: string): boolean {
    return this.#existing(functionName).sandbox.crash();
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
    const drained = Promise.all(this.drained.map(({ mapping }) => mapping.stop()));
    await Promise.race([drained, delay(GRACE_MILLISECONDS, undefined, { ref: false })]);
    await Promise.all([...this.functions.values()].map(({ sandbox }) => sandbox.stop()));
    await drained;
  }

  #mappingsOf(functionName: string): EventSourceMapping[] {
    const { config } = this.#existing(functionName);
    return this.drained.filter((drained) => drained.functionName === config.name).map(({ mapping }) => mapping);
  }

  #existing(functionName: string): DeployedFunction<FunctionSandbox> {
    const deployed = this.functions.get(functionName);
    if (deployed) return deployed;
    throw new CloudError(`There is no function ${functionName}. There are: ${[...this.functions.keys()].join(", ")}.`);
  }

  #isProcessing(receiptHandle: string): boolean {
    return this.drained.some(({ mapping }) => mapping.isProcessing(receiptHandle));
  }

  #connect(planned: PlannedMapping, { messaging: { sqs } }: Deployment): DrainedQueue {
    const { functionName, queueArn } = planned;
    const stored = sqs.getQueueByArn(queueArn);
    const deployed = this.functions.get(functionName);
    if (!stored || !deployed) {
      const lacking = stored ? `the function ${functionName}` : `the queue ${nameOf(queueArn)}`;
      throw new CloudError(
        `A mapping of ${nameOf(queueArn)} to ${functionName} lacks ${lacking}. Deploy its stack with this one.`,
      );
    }
    const queue = new EngineQueue(stored, sqs, this.#changes.notify);
    const config = { ...planned, visibilityTimeoutSeconds: visibilityTimeout(stored) };
    try {
      return { queue, functionName, mapping: new EventSourceMapping(config, queue, deployed.sandbox, this.#onActivity) };
    } catch (error) {
      throw new CloudError(messageOf(error));
    }
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

function visibilityTimeout(queue: StoredQueue): number {
  return Number(queue.getAttribute("VisibilityTimeout"));
}
