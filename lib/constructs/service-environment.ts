import { functionVariables } from "../contracts/function-variables.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import { topicsOf, topicVariable } from "../contracts/topic.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { DEAD_LETTER_RETENTION, MAX_RECEIVE_COUNT, QUEUE_RETENTION } from "./service-queue.ts";

/** Days after a dead letter's last in which an operator may still send a copy of it back. */
const REPLAY_MARGIN_DAYS = 14;

/** Digits of the bundle's hash that name a version. */
const VERSION_DIGITS = 12;

export interface ServiceEnvironmentProps {
  readonly definition: ServiceDefinition;
  readonly stage: string;
  /** The bundle's hash, in hexadecimal. */
  readonly version: string;
  readonly table: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly inboxDays: number;
  readonly emailFrom: string;
  readonly topicArns: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  /** @default - no topic of the service takes large events */
  readonly claimCheckBucket?: string;
}

/** What a service's function finds in its environment: the other half of lib/contracts/function-variables.ts. */
export function serviceEnvironment(props: ServiceEnvironmentProps): Record<string, string> {
  const { definition, topicArns, settings } = props;
  return {
    [functionVariables.service]: definition.name,
    [functionVariables.version]: props.version.slice(0, VERSION_DIGITS),
    [functionVariables.stage]: props.stage,
    [functionVariables.table]: props.table,
    [functionVariables.queueUrl]: props.queueUrl,
    [functionVariables.deadLetterQueueUrl]: props.deadLetterQueueUrl,
    [functionVariables.maxReceiveCount]: String(MAX_RECEIVE_COUNT),
    [functionVariables.inboxDays]: String(props.inboxDays),
    [functionVariables.logLevel]: "INFO",
    ...(definition.sendsEmail && { [functionVariables.emailFrom]: props.emailFrom }),
    ...(props.claimCheckBucket !== undefined && { [functionVariables.claimCheckBucket]: props.claimCheckBucket }),
    ...Object.fromEntries(topicsOf(definition.publishes).map((topic) => [topicVariable(topic), given(topicArns, topic.name)])),
    ...Object.fromEntries((definition.settings ?? []).map((setting) => [setting, given(settings, setting)])),
  };
}

/**
 * Days that a service's inbox remembers an event: while it may lie in the queue, then in the dead-letter queue, and a margin.
 * A shorter memory would take a dead letter that is sent back for a new event.
 *
 * @throws ConfigurationError when the days asked for are fewer than the queues keep a message.
 */
export function inboxDays(service: string, asked?: number): number {
  const kept = QUEUE_RETENTION.toDays() + DEAD_LETTER_RETENTION.toDays();
  const days = asked ?? kept + REPLAY_MARGIN_DAYS;
  if (days < kept) {
    throw new ConfigurationError(
      `service ${service}: the inbox remembers an event for ${days} days: expected ${kept} at least, for so long its queue and dead-letter queue keep a message`,
    );
  }
  return days;
}

/** A value that the stack promised to pass on. */
export function given(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no value was given for "${name}"`);
  return value;
}
