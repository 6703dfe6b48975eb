import { type TopicDefinition, topicsOf } from "./topic.ts";

/** Key prefix of the data of a topic's large events in the stage's bucket. */
export function claimPrefix(topic: Pick<TopicDefinition, "name">): string {
  return `${topic.name}/`;
}

/** The distinct topics of some events that take large events. */
export function largeTopicsOf(events: readonly { readonly topic: TopicDefinition }[]): TopicDefinition[] {
  return topicsOf(events).filter(({ largeEvents }) => largeEvents);
}
