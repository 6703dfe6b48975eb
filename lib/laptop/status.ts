import type { MissingResource } from "./cloudformation/resource.ts";
import type { TableStatus } from "./services/dynamodb/table-status.ts";
import type { FunctionStatus } from "./services/lambda/status.ts";
import type { Service } from "./services/service.ts";
import type { TopicStatus } from "./services/sns/status.ts";
import type { QueueStatus as HeldStatus } from "./services/sqs/status.ts";

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

export interface QueueStatus extends HeldStatus {
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
}

export async function cloudStatus(sources: StatusSources): Promise<CloudStatus> {
  const { endpoint, startedAt, services, missing } = sources;
  const sections: {
    topics: TopicStatus[];
    queues: HeldStatus[];
    functions: FunctionStatus[];
    tables: TableStatus[];
    emails: number;
  } = {
    topics: [],
    queues: [],
    functions: [],
    tables: [],
    emails: 0,
  };
  for (const service of services) Object.assign(sections, await service.status?.());
  return {
    endpoint,
    uptimeSeconds: Math.round((Date.now() - startedAt) / 1_000),
    ...sections,
    queues: queueStatus(sections.queues, sections.topics, sections.functions),
    missing,
  };
}

/** Joins what queues say of themselves with what topics and functions have to do with them. */
function queueStatus(
  queues: readonly HeldStatus[],
  topics: readonly TopicStatus[],
  functions: readonly FunctionStatus[],
): QueueStatus[] {
  const drainedBy = new Map(functions.flatMap(({ name, drains }) => drains.map((queue) => [queue, name] as const)));
  return queues.map((queue) => {
    const functionName = drainedBy.get(queue.name);
    return {
      ...queue,
      deadLettersOf: [...queue.deadLettersOf, ...subscriptionsOf(queue.name, topics)],
      ...(functionName !== undefined && { drainedBy: functionName }),
    };
  });
}

/** The subscriptions whose dead letters a queue takes. */
function subscriptionsOf(name: string, topics: readonly TopicStatus[]): string[] {
  return topics.flatMap((topic) =>
    topic.subscriptions.filter((it) => it.deadLetterQueue === name).map((it) => `${topic.name} to ${it.queue}`),
  );
}
