import type { Input } from "../../protocols/input.ts";
import type { Queue } from "../engine/queue.ts";
import { invalidParameter, missingParameter } from "./refusals.ts";

/** AWSSimpleQueueService, "Amazon SQS queue quotas". */
const MOST_TAGS = 50;

export function tagQueue(queue: Queue, input: Input): Record<string, unknown> {
  const added = input.textMap("Tags");
  if (Object.keys(added).length === 0) throw missingParameter("Tags");
  const tags = { ...queue.tags, ...added };
  checkTags(queue.name, tags);
  queue.setTags(tags);
  return {};
}

export function untagQueue(queue: Queue, input: Input): Record<string, unknown> {
  const removed = new Set(input.texts("TagKeys"));
  if (removed.size === 0) throw invalidParameter("Tag keys must be between 1 and 128 characters in length.");
  queue.setTags(Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !removed.has(key))));
  return {};
}

export function listQueueTags({ tags }: Queue): Record<string, unknown> {
  return Object.keys(tags).length === 0 ? {} : { Tags: tags };
}

/** @throws AwsError where a queue would have more tags than it can */
export function checkTags(queueName: string, tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > MOST_TAGS) throw invalidParameter(`Too many tags added for queue ${queueName}.`);
}
