import { nameOf } from "./shared/account.ts";
import { EngineQueue, type QueueCounts } from "./services/fauxqs/queue.ts";
import type { MessagingEngine, StoredQueue } from "./services/fauxqs/fauxqs.ts";
import { deadLetterArn } from "./shared/redrive-policy.ts";
import type { MissingResource } from "./cloudformation/resource.ts";
import type { TableStatus } from "./services/dynamodb/table-status.ts";
import type { FunctionStatus } from "./services/lambda/status.ts";
import type { Service } from "./services/service.ts";
import type { TopicStatus } from "./services/sns/status.ts";

/** Everything that runs, with its counts. */
export interface CloudStatus {
  readonly endpoint: string;
  readonly uptimeSeconds: number;
  readonly topics: readonly TopicStatus[];
  readonly queues: readonly QueueStatus[];
  readonly functions: readonly FunctionStatus[];
  readonly tables: readonly TableStatus[];
  /** E-mails sent since the start. */
  readonly emails: number;
  /** What the templates have and this cloud does not. */
  readonly missing: readonly MissingResource[];
}

export interface QueueStatus extends QueueCounts {
  readonly name: string;
  /** Where its messages go after too many receives. */
  readonly deadLetterQueue?: string;
  /** The queues, and subscriptions (`<topic> to <queue>`), whose dead letters it takes. */
  readonly deadLettersOf: readonly string[];
  /** The function that drains it. */
  readonly drainedBy?: string;
}

/** Where the counts come from. */
export interface StatusSources {
  readonly endpoint: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly services: readonly Service[];
  readonly missing: readonly MissingResource[];
  readonly messaging: MessagingEngine;
}

export async function cloudStatus(sources: StatusSources): Promise<CloudStatus> {
  const { endpoint, startedAt, services, missing } = sources;
  const sections: { topics: TopicStatus[]; functions: FunctionStatus[]; tables: TableStatus[]; emails: number } = {
    topics: [],
    functions: [],
    tables: [],
    emails: 0,
  };
  for (const service of services) Object.assign(sections, await service.status?.());
  return {
    endpoint,
    uptimeSeconds: Math.round((Date.now() - startedAt) / 1_000),
    queues: queueStatus(sources, sections.topics, sections.functions),
    ...sections,
    missing,
  };
}

/** The name of the queue that takes dead letters, by a RedrivePolicy attribute; absent where it names none. */
export function deadLetterQueueOf(redrivePolicy: string | undefined): string | undefined {
  const arn = deadLetterArn(redrivePolicy);
  return arn && nameOf(arn);
}

function queueStatus(
  { messaging: { sqs } }: StatusSources,
  topics: readonly TopicStatus[],
  functions: readonly FunctionStatus[],
): QueueStatus[] {
  const queues = sqs.listQueues().queues;
  const drainedBy = new Map(functions.flatMap(({ name, drains }) => drains.map((queue) => [queue, name] as const)));
  return queues.map((queue) => {
    const deadLetterQueue = deadLetterQueueOf(queue.attributes["RedrivePolicy"]);
    const functionName = drainedBy.get(queue.name);
    return {
      name: queue.name,
      ...new EngineQueue(queue, sqs).counts,
      deadLettersOf: deadLettersOf(queue.name, queues, topics),
      ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
      ...(functionName === undefined ? {} : { drainedBy: functionName }),
    };
  });
}

function deadLettersOf(name: string, queues: readonly StoredQueue[], topics: readonly TopicStatus[]): string[] {
  const ofQueues = queues
    .filter((queue) => deadLetterQueueOf(queue.attributes["RedrivePolicy"]) === name)
    .map((queue) => queue.name);
  const ofSubscriptions = topics.flatMap((topic) =>
    topic.subscriptions.filter((it) => it.deadLetterQueue === name).map((it) => `${topic.name} to ${it.queue}`),
  );
  return [...ofQueues, ...ofSubscriptions];
}
