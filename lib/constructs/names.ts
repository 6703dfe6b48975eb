import { queueOrTopicName } from "../contracts/fifo.ts";
import { FUNCTION_NAME_CHARACTERS, QUEUE_NAME_CHARACTERS } from "../contracts/limits.ts";
import { isOrdered, type ServiceDefinition } from "../contracts/service.ts";
import type { TopicDefinition } from "../contracts/topic.ts";
import { ConfigurationError } from "./configuration-error.ts";

/**
 * The names of one stage's resources. They are fixed, so that people find a queue without CloudFormation, and the dashboard can
 * name another stack's resources without a reference between the stacks.
 */
export class StageNames {
  readonly stage: string;

  /** @param stage the name of a stage, such as `dev` */
  constructor(stage: string) {
    this.stage = stage;
  }

  get backboneStack(): string {
    return `fanfare-${this.stage}-backbone`;
  }

  get operationsStack(): string {
    return `fanfare-${this.stage}-operations`;
  }

  get dashboard(): string {
    return `fanfare-${this.stage}`;
  }

  get alarmTopic(): string {
    return `fanfare-${this.stage}-alarms`;
  }

  /** How the name of each of the stage's alarms begins. */
  get alarmPrefix(): string {
    return `fanfare-${this.stage}-`;
  }

  topicAlarm({ name }: TopicDefinition, what: string): string {
    return `${this.alarmPrefix}topic-${name}-${what}`;
  }

  topic({ name, fifo }: TopicDefinition): string {
    return queueOrTopicName(`fanfare-${this.stage}-${name}`, fifo);
  }

  /** The SSM parameter that holds the ARN of a topic. */
  topicParameter(topic: string): string {
    return `/fanfare/${this.stage}/topics/${topic}`;
  }

  /** The SSM parameter that holds the ARN of the alarm topic. */
  get alarmTopicParameter(): string {
    return `/fanfare/${this.stage}/alarm-topic`;
  }

  /** The SSM parameter that holds the ARN of the customer key. */
  get keyParameter(): string {
    return `/fanfare/${this.stage}/key`;
  }

  /** The SSM parameter that holds the name of the bucket for large events' data. */
  get claimCheckBucketParameter(): string {
    return `/fanfare/${this.stage}/claim-check-bucket`;
  }

  /** The SSM parameter of a service's setting or secret. */
  settingParameter(service: string, setting: string): string {
    return `/fanfare/${this.stage}/${service}/${setting}`;
  }

  /** The stack that waits until changed filter policies hold; see FilterPause. */
  get filtersStack(): string {
    return `fanfare-${this.stage}-filters`;
  }

  /** The function that waits. */
  get filterPause(): string {
    return `fanfare-${this.stage}-filter-pause`;
  }

  get filterPauseLogGroup(): string {
    return `/fanfare/${this.stage}/filter-pause`;
  }

  service(service: NamedService): ServiceNames {
    return new ServiceNames(this.stage, service);
  }
}

/** What a service's names are made of. */
export type NamedService = Pick<ServiceDefinition, "name" | "consumes" | "unordered">;

/** The names of one service's resources in one stage. */
export class ServiceNames {
  readonly service: string;
  private readonly stage: string;
  private readonly ordered: boolean;

  constructor(stage: string, service: NamedService) {
    this.stage = stage;
    this.service = service.name;
    this.ordered = isOrdered(service);
    if (this.function.length > FUNCTION_NAME_CHARACTERS) {
      throw new ConfigurationError(tooLong(this.service, this.function, FUNCTION_NAME_CHARACTERS));
    }
  }

  /** The name of the service's stack, queue, function and table; a FIFO queue's also ends in `.fifo`. */
  private get own(): string {
    return `fanfare-${this.stage}-${this.service}`;
  }

  get stack(): string {
    return this.own;
  }

  /** The stack of the service's function, which is deployed after the queues of all who consume what it publishes. */
  get functionStack(): string {
    return `${this.own}-function`;
  }

  get queue(): string {
    return queueOrTopicName(this.own, this.ordered);
  }

  /** The SSM parameters that hold the URLs of the service's queues, for the stack of its function. */
  get queueUrlParameter(): string {
    return `/fanfare/${this.stage}/${this.service}/queue-url`;
  }

  get deadLetterQueueUrlParameter(): string {
    return `/fanfare/${this.stage}/${this.service}/dead-letter-queue-url`;
  }

  get function(): string {
    return this.own;
  }

  /** The function that publishes what the service's requests have emitted. */
  get relay(): string {
    const name = `${this.own}-relay`;
    if (name.length > FUNCTION_NAME_CHARACTERS)
      throw new ConfigurationError(tooLong(this.service, name, FUNCTION_NAME_CHARACTERS));
    return name;
  }

  /** The SSM parameter that holds the ARN of the table's stream, for the stack of the relay. */
  get streamArnParameter(): string {
    return `/fanfare/${this.stage}/${this.service}/stream-arn`;
  }

  get table(): string {
    return this.own;
  }

  get deadLetterQueue(): string {
    return queueOrTopicName(`${this.own}-dlq`, this.ordered);
  }

  /**
   * The dead-letter queue of the subscription to a topic, for what SNS could not deliver to the service's queue. It is FIFO if
   * the topic is, even if the service is unordered. sns/latest/dg/sns-dead-letter-queues
   */
  undelivered(topic: TopicDefinition): string {
    const name = queueOrTopicName(`${this.own}-${topic.name}-undelivered`, topic.fifo);
    if (name.length > QUEUE_NAME_CHARACTERS) throw new ConfigurationError(tooLong(this.service, name, QUEUE_NAME_CHARACTERS));
    return name;
  }

  get logGroup(): string {
    return `/fanfare/${this.stage}/${this.service}`;
  }

  get relayLogGroup(): string {
    return `/fanfare/${this.stage}/${this.service}-relay`;
  }

  alarm(what: string): string {
    return `${this.own}-${what}`;
  }
}

function tooLong(service: string, name: string, limit: number): string {
  return `service ${service}: the name ${name} has ${name.length} characters, AWS allows ${limit}: shorten the service's or the topic's name`;
}
