import { checkTopic } from "./definition-checks.ts";
/** A topic: the events that one publishing context owns. Made by {@link defineTopic}. */
export interface TopicDefinition {
  /** Lower case, digits and dashes; part of the SNS topic's name. */
  readonly name: string;
  /** What the events of this topic are about, in one sentence. */
  readonly description: string;
  /**
   * Keeps the events of one subject in order, for the services whose queues are FIFO too: then at most 300 of them a second
   * per subject (general/latest/gr/sns). Cannot be changed once the topic is deployed. @default false
   */
  readonly fifo?: boolean;
  /**
   * Takes events that are larger than an SNS message may be: their data lies in S3, and the message says where
   * (docs/decisions/claim-check.md). Publishers and consumers then need a claim check; give it to the consumers first. @default false
   */
  readonly largeEvents?: boolean;
}

/**
 * Declares a topic.
 *
 * @throws Error when the name has characters other than lower-case letters, digits and dashes.
 */
export function defineTopic(definition: TopicDefinition): TopicDefinition {
  DEFINITION_CHECKS: checkTopic(definition);
  return definition;
}

/** The environment variable in which a function finds the ARN of a topic that it publishes to. */
export function topicVariable(topic: TopicDefinition): string {
  return `TOPIC_${topic.name.toUpperCase().replaceAll("-", "_")}`;
}

/** The topics of some events, each once, in the order of their first event. */
export function topicsOf(events: readonly { readonly topic: TopicDefinition }[]): TopicDefinition[] {
  return [...new Set(events.map((event) => event.topic))];
}
