import type { Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { CloudError } from "../../shared/errors.ts";
import type { Call, WireRequest } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { type Delivery, textOf } from "../delivery.ts";
import type { Output, Protocol, Service } from "../service.ts";
import { sqsAccesses } from "./accesses.ts";
import { checkMessage, checkSize } from "./api/messages/check-message.ts";
import { followPolicy } from "./api/policy.ts";
import { sqsProtocol } from "./api/protocol.ts";
import { carryOut, type SqsState } from "./api/sqs-api.ts";
import { MoveTasks } from "./engine/move-tasks.ts";
import type { Queue } from "./engine/queue.ts";
import { Queues } from "./engine/queues.ts";
import { QueueStore } from "./engine/store/queue-store.ts";
import { type HeldMessage, inspect, type InspectedQueue } from "./inspected.ts";
import { sqsResources } from "./resources.ts";
import { PolledQueue } from "./source-queue.ts";
import { queueStatus, type QueueStatus } from "./status.ts";

/** SQS: standard and FIFO queues. */
export class SqsService implements Service {
  readonly name = "sqs";
  readonly address = {
    targets: ["AmazonSQS."],
    queryVersion: "2012-11-05",
    paths: /^\/(queue\/[\w-]+\/)?\d{12}\/[\w-]/,
    hosts: /^(sqs\.|([\w-]+\.)?queue\.)/,
  };
  /** A batch of 1 MiB, in base64 or percent-encoded. */
  readonly bodyLimit = 4 * 1_024 * 1_024;
  readonly takes = "sqs:SendMessage";
  readonly resources: Service["resources"];
  readonly #queues: Queues;
  readonly #state: SqsState;

  constructor(context: CloudContext) {
    const { clock, changes, database, iam } = context;
    this.#queues = new Queues(clock, changes, database && new QueueStore(database));
    this.#state = { queues: this.#queues, tasks: new MoveTasks(), context };
    this.resources = sqsResources(this.#queues, context);
    for (const { arn, attributes } of this.#queues.all()) followPolicy(iam.policies, arn, attributes["Policy"] ?? "");
  }

  protocol(request: WireRequest): Protocol {
    return sqsProtocol(request);
  }

  handle(call: Call): Output | Promise<Output> {
    return carryOut(call, this.#state);
  }

  accesses(call: Call): Access[] {
    return sqsAccesses(call);
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDenied", refusalMessage(refused, { action: refused.action.toLowerCase() }), 403);
  }

  /** A long poll waits for a message. */
  mayWait({ operation }: Call): boolean {
    return operation === "ReceiveMessage";
  }

  throttled(message: string): AwsError {
    return new AwsError("RequestThrottled", message);
  }

  take(queueArn: string, delivery: Delivery): void {
    const queue = this.#queues.byArn(queueArn);
    if (!queue) throw new CloudError(`There is no queue ${queueArn}`);
    const { attributes, groupId, deduplicationId, traceHeader } = delivery;
    const message = {
      body: textOf(delivery),
      ...(attributes && { attributes }),
      groupId,
      deduplicationId: queue.fifo ? deduplicationId : undefined,
      traceHeader,
    };
    checkMessage(queue, message);
    checkSize(queue, message);
    queue.send(message);
  }

  /** A queue as an event source mapping drains it; undefined where there is none. */
  queue(queueArn: string): PolledQueue | undefined {
    const queue = this.#queues.byArn(queueArn);
    return queue && new PolledQueue(queue);
  }

  /** Looks into a queue without receiving. @throws CloudError where there is none of that name. */
  look(name: string): InspectedQueue {
    return inspect(this.#named(name));
  }

  /** What lies in the dead-letter queue of a queue. @throws CloudError where it has none. */
  deadLetters(name: string): readonly HeldMessage[] {
    const targetArn = this.#queues.byName(name)?.settings.redrivePolicy?.targetArn;
    const target = targetArn === undefined ? undefined : this.#queues.byArn(targetArn);
    if (!target) throw new CloudError(`The queue ${name} does not exist or has no dead-letter queue.`);
    return inspect(target).messages;
  }

  status(): { readonly queues: QueueStatus[] } {
    return { queues: queueStatus(this.#queues) };
  }

  stop(): void {
    this.#state.tasks.close();
    this.#queues.close();
  }

  #named(name: string): Queue {
    const queue = this.#queues.byName(name);
    if (queue) return queue;
    const names = this.#queues.all().map((each) => each.name);
    throw new CloudError(`There is no queue ${name}. There are: ${names.join(", ")}.`);
  }
}
