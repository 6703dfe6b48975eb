import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { AnyEventDefinition, DataOf, ServiceDefinition } from "#lib/contracts/index.ts";
import { queueOrTopicName } from "#lib/contracts/fifo.ts";
import { isOrdered } from "#lib/contracts/service.ts";
import type { DeadLetter } from "#lib/ops/dead-letters/letter.ts";
import type { EventToPublish } from "#lib/runtime/index.ts";
import { StageClient } from "#lib/testing/stage-client.ts";
import { ROOT } from "../../../bin/root.ts";
import { findServices } from "../../../bin/services.ts";
import ledger from "../../../functions/ledger/service.ts";
import { handledEvents } from "./handled-events.ts";
import { type LetterStage, readLetters, removeLetters } from "./letters.ts";
import { clientSettings } from "./target.ts";
import { deleteTraces, eventsOf } from "./traces.ts";
import { waitFor } from "./wait-for.ts";
import { workerTarget } from "./worker-target.ts";

/** Messages in a queue, as SQS counts them: approximately. */
export interface QueueCounts {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/**
 * The deployed app that a test file talks to, wherever that is. Every id that the file makes begins with a text of its own, so
 * that it neither meets nor disturbs what runs beside it or has run before it; and it takes away what it has made.
 */
export class DeployedApp extends StageClient {
  /** Begins every id that this test file makes: nine letters and digits. */
  readonly run = `t${crypto.randomUUID().slice(0, 8)}`;
  /** The messages that were put into queues as they are, by SQS's ids: their bodies may tell no run. */
  readonly #sent = new Set<string>();
  readonly #letterStage: LetterStage;

  constructor(target = workerTarget()) {
    super(clientSettings(target), target.stage);
    this.#letterStage = { sqs: this.clients.sqs, stage: target.stage, emulated: target.endpoint !== undefined };
  }

  /** An id that no other run has: `happy` as `t1f0c93ab-happy`. */
  id(name: string): string {
    return `${this.run}-${name}`;
  }

  override publish<Definition extends AnyEventDefinition>(
    event: Definition,
    data: DataOf<Definition>,
    options: Parameters<StageClient["publish"]>[2] = {},
  ): Promise<string> {
    return super.publish(event, data, { id: this.id(crypto.randomUUID()), ...options });
  }

  override publishAll(events: readonly EventToPublish[]): Promise<string[]> {
    return super.publishAll(events.map((event) => ({ id: this.id(crypto.randomUUID()), ...event })));
  }

  override async send(service: ServiceDefinition, body: string, groupId?: string): Promise<string> {
    const messageId = await super.send(service, body, groupId);
    this.#sent.add(messageId);
    return messageId;
  }

  /** What a service could not handle of what this file has made. It stays in the dead-letter queue. */
  deadLetters(service: ServiceDefinition): Promise<DeadLetter[]> {
    return readLetters(this.#letterStage, service, this.#isMine);
  }

  /** The dead letter of a message or an event of this file, by its id, as soon as it is there. */
  async deadLetter(service: ServiceDefinition, id: string): Promise<DeadLetter> {
    const letters = await waitFor(
      `the dead letter of ${id} in ${service.name}`,
      () => this.deadLetters(service),
      (found) => found.some((letter) => isOf(letter, id)),
    );
    return letters.find((letter) => isOf(letter, id))!;
  }

  /** Waits until a service has handled an event: until its inbox remembers it. */
  async handled(service: ServiceDefinition, eventId: string): Promise<void> {
    await waitFor(
      `the inbox of ${service.name} to have ${eventId}`,
      () => handledEvents(this.clients.dynamodb, this.name(service), service),
      (events) => events.has(eventId),
    );
  }

  /** Waits until some services' queues hold nothing, by SQS's own count, which on AWS is approximate. */
  async empty(...services: readonly ServiceDefinition[]): Promise<void> {
    await waitFor(
      `the queues of ${services.map(({ name }) => name).join(", ")} to be empty`,
      () => Promise.all(services.map((service) => this.queueCounts(service))),
      (counts) => counts.every(({ waiting, inFlight, delayed }) => waiting + inFlight + delayed === 0),
    );
  }

  /** How many messages a service's queue holds. */
  async queueCounts(service: ServiceDefinition): Promise<QueueCounts> {
    const { Attributes = {} } = await this.clients.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: await this.queueUrl(queueOrTopicName(this.name(service), isOrdered(service))),
        AttributeNames: [
          "ApproximateNumberOfMessages",
          "ApproximateNumberOfMessagesNotVisible",
          "ApproximateNumberOfMessagesDelayed",
        ],
      }),
    );
    return {
      waiting: Number(Attributes["ApproximateNumberOfMessages"]),
      inFlight: Number(Attributes["ApproximateNumberOfMessagesNotVisible"]),
      delayed: Number(Attributes["ApproximateNumberOfMessagesDelayed"]),
    };
  }

  /**
   * Deletes the items, the inbox records and the dead letters that this file has made, once the services have come to rest. On a
   * stage that others keep busy, an event that is retried late may leave something after all.
   */
  async cleanUp(): Promise<void> {
    const services = await findServices(ROOT);
    await this.empty(...services).catch(() => undefined);
    const events = await eventsOf(this.clients.dynamodb, this.name(ledger), this.run);
    for (const service of services) {
      await deleteTraces(this.clients.dynamodb, this.name(service), this.run, events);
      await removeLetters(this.#letterStage, service, this.#isMine);
    }
  }

  readonly #isMine = (letter: DeadLetter): boolean =>
    letter.body.includes(this.run) || [...this.#sent].some((messageId) => isOf(letter, messageId));
}

/** Whether a letter is of a message or an event of an id. */
function isOf({ messageId, event, reason }: DeadLetter, id: string): boolean {
  return [messageId, reason?.originalMessageId, event.id].includes(id);
}
