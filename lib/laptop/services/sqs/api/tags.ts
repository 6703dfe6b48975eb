import type { Input } from "../../protocols/input.ts";
import type { Queue } from "../engine/queue.ts";

export function tagQueue(queue: Queue, input: Input): Record<string, unknown> {
  queue.setTags({ ...queue.tags, ...input.textMap("Tags") });
  return {};
}

export function untagQueue(queue: Queue, input: Input): Record<string, unknown> {
  const removed = new Set(input.texts("TagKeys"));
  queue.setTags(Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !removed.has(key))));
  return {};
}

export function listQueueTags({ tags }: Queue): Record<string, unknown> {
  return Object.keys(tags).length === 0 ? {} : { Tags: tags };
}
