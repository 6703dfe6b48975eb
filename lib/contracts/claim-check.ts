import { type TopicDefinition, topicsOf } from "./topic.ts";

/** Where the data of a topic's large events lies in the stage's bucket: what every key of it begins with. */
export function claimPrefix(topic: Pick<TopicDefinition, "name">): string {
  return `${topic.name}/`;
}

/** The topics of some events that take large ones, each once. */
export function largeTopicsOf(events: readonly { readonly topic: TopicDefinition }[]): TopicDefinition[] {
  return topicsOf(events).filter(({ largeEvents }) => largeEvents);
}
