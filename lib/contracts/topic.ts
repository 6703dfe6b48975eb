import { checkName, doubled } from "./checks/names.ts";

/** A topic: the events that one publishing context owns. Made by {@link defineTopic}. */
export interface TopicDefinition {
  /** Lower-case letters, digits and dashes; part of the SNS topic's name. */
  readonly name: string;
  /** What the events of this topic are about, in one sentence. */
  readonly description: string;
  /**
   * Keeps the events of one subject in order, for services whose queues are FIFO too. Limits them to 300 a second per subject
   * (general/latest/gr/sns). Cannot be changed once the topic is deployed. @default false
   */
  readonly fifo?: boolean;
  /**
   * Takes events larger than an SNS message may be: their data is stored in S3, and the message refers to it
   * (docs/decisions/claim-check.md). Publishers and consumers then need a claim check; deploy the consumers first. @default false
   */
  readonly largeEvents?: boolean;
}

/**
 * Declares a topic.
 *
 * @throws Error when the name has characters other than lower-case letters, digits and dashes.
 */
export function defineTopic(definition: TopicDefinition): TopicDefinition {
  // Checked wherever definitions are loaded, such as synthesis and tests. Bundles drop statements with this label.
  DEFINITION_CHECKS: checkName("topic", definition.name);
  return definition;
}

/** @throws Error when two topics have one name: in AWS they would be one topic, with the settings of either. */
export function checkTopics(topics: readonly TopicDefinition[]): void {
  const twice = doubled(topics.map(({ name }) => name));
  if (twice) throw new Error(`topic "${twice}": it is defined twice: expected one definition that its events share`);
}

/** The environment variable with the ARN of a topic that a function publishes to. */
export function topicVariable(topic: Pick<TopicDefinition, "name">): string {
  return `TOPIC_${topic.name.toUpperCase().replaceAll("-", "_")}`;
}

/** The distinct topics of some events, in the order of their first event. */
export function topicsOf(events: readonly { readonly topic: TopicDefinition }[]): TopicDefinition[] {
  return [...new Set(events.map((event) => event.topic))];
}
