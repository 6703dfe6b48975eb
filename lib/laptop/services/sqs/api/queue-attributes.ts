import type { Policies } from "../../../iam/policies.ts";
import type { Input } from "../../protocols/input.ts";
import { checkAttributes, SETTABLE, unknownAttribute } from "../engine/attributes.ts";
import type { Queue } from "../engine/queue.ts";
import type { Queues } from "../engine/queues.ts";
import { checkRedrive } from "./check-redrive.ts";
import { followPolicy } from "./policy.ts";

/** What a queue says of itself, beside what is set: SQS API reference, GetQueueAttributes. */
const COMPUTED: Readonly<Record<string, (queue: Queue) => string>> = {
  QueueArn: ({ arn }) => arn,
  ApproximateNumberOfMessages: ({ counts }) => String(counts.ready),
  ApproximateNumberOfMessagesNotVisible: ({ counts }) => String(counts.inFlight),
  ApproximateNumberOfMessagesDelayed: ({ counts }) => String(counts.delayed),
  CreatedTimestamp: ({ createdAt }) => String(Math.floor(createdAt / 1_000)),
  LastModifiedTimestamp: ({ modifiedAt }) => String(Math.floor(modifiedAt / 1_000)),
};

export function getQueueAttributes(queue: Queue, input: Input): Record<string, unknown> {
  const names = new Set(input.texts("AttributeNames"));
  for (const name of names) {
    if (name !== "All" && !Object.hasOwn(COMPUTED, name) && !SETTABLE.has(name)) throw unknownAttribute(name);
  }
  const isAsked = (name: string) => names.has("All") || names.has(name);
  const computed = Object.entries(COMPUTED).flatMap(([name, value]) => (isAsked(name) ? [[name, value(queue)] as const] : []));
  const set = Object.entries(queue.attributes).filter(([name]) => isAsked(name));
  const attributes = Object.fromEntries([...computed, ...set]);
  return Object.keys(attributes).length === 0 ? {} : { Attributes: attributes };
}

export function setQueueAttributes(queue: Queue, queues: Queues, policies: Policies, input: Input): Record<string, unknown> {
  const attributes = checkAttributes(input.textMap("Attributes"), queue.fifo, queue.attributes);
  checkRedrive(queues, queue, attributes["RedrivePolicy"]);
  if (attributes["Policy"] !== undefined) followPolicy(policies, queue.arn, attributes["Policy"]);
  queue.setAttributes(attributes);
  return {};
}
