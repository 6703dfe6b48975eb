import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { findServiceQueues, type QueueNames, type ServiceQueues } from "#lib/ops/dead-letters/queues.ts";
import { chooseTarget } from "#lib/ops/target.ts";
import { clientConfig, writeAssembly } from "../../support/cloud-support.ts";
import { Random } from "../../support/random.ts";
import { badDay } from "../../support/unreliable-aws/faults.ts";
import { UnreliableAws } from "../../support/unreliable-aws/unreliable-aws.ts";
import { emailBody, reason } from "../../unit/ops/dead-letters/queue.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A cloud without an app: rehearsals bring their own queues and topics. */
export function startEmptyCloud(): Promise<Cloud> {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-rehearsal-"));
  return startCloud({ assembly: writeAssembly({ empty: { Resources: {} } }, {}, folder), port: 0 });
}

/** A bad day of AWS with a clock that is right, minutes off or a day off. */
export function startBadDay(cloud: Cloud, seed: number): Promise<UnreliableAws> {
  const clockAhead = new Random(seed, "clock").pick([0, MINUTE, -MINUTE, DAY, -DAY]);
  return UnreliableAws.start({ cloud, seed, faults: { ...badDay, clockAhead } });
}

/** Settings of the clients of an operator's command, on a bad day. */
export function operatorSettings(cloud: Cloud, { endpoint }: UnreliableAws) {
  const { region, credentials } = clientConfig(cloud);
  return { ...chooseTarget({ stage: "dev" }, {}).clients, region, credentials, endpoint };
}

/** A service's queues on a bad day, with letters in its dead-letter queue. */
export class RehearsedService implements AsyncDisposable {
  readonly aws: UnreliableAws;
  /** Bodies of the letters that were put there. */
  readonly bodies: readonly string[];
  readonly names: QueueNames;
  readonly #cloud: Cloud;

  private constructor(cloud: Cloud, aws: UnreliableAws, names: QueueNames, bodies: readonly string[]) {
    this.#cloud = cloud;
    this.aws = aws;
    this.names = names;
    this.bodies = bodies;
  }

  /** @param seed decides what goes wrong, how many letters there are, and whether the queues are FIFO queues */
  static async start(cloud: Cloud, name: string, seed: number): Promise<RehearsedService> {
    const random = new Random(seed, name);
    const fifo = random.chance(0.3);
    const ending = fifo ? ".fifo" : "";
    const names = { queue: `${name}-${seed}${ending}`, deadLetterQueue: `${name}-${seed}-dlq${ending}`, undelivered: [] };
    const direct = new SQSClient(clientConfig(cloud));
    for (const QueueName of [names.queue, names.deadLetterQueue]) {
      await direct.send(new CreateQueueCommand({ QueueName, Attributes: fifo ? { FifoQueue: "true" } : {} }));
    }
    const bodies = Array.from({ length: 5 + random.below(50) }, (_, index) =>
      random.chance(0.1) ? `no event ${index}` : emailBody(`${name}-${seed}-${index}`),
    );
    const aws = await startBadDay(cloud, seed);
    const service = new RehearsedService(cloud, aws, names, bodies);
    for (const body of bodies) await service.#put(direct, body, fifo ? `group-${random.below(12)}` : undefined);
    direct.destroy();
    return service;
  }

  /** Puts another letter there, past all that goes wrong. */
  async put(body: string): Promise<void> {
    const fifo = this.names.deadLetterQueue.endsWith(".fifo");
    await this.#put(new SQSClient(clientConfig(this.#cloud)), body, fifo ? "group-new" : undefined);
  }

  /** Whether letters may be behind others of their group, of which SQS's count alone tells. */
  get isFifo(): boolean {
    return this.names.queue.endsWith(".fifo");
  }

  /** The client of one command. */
  client(): SQSClient {
    return new SQSClient(operatorSettings(this.#cloud, this.aws));
  }

  /** The queues as a command finds them. */
  queues(sqs: SQSClient): Promise<ServiceQueues> {
    return findServiceQueues(sqs, "shop", this.names, false);
  }

  /** Bodies in the service's own queue. */
  get arrived(): string[] {
    return this.#cloud.queues.look(this.names.queue).messages.map(({ body }) => body);
  }

  /** Bodies in the dead-letter queue, also of those that are hidden. */
  get dead(): string[] {
    return this.#cloud.queues.look(this.names.deadLetterQueue).messages.map(({ body }) => body);
  }

  /** How often a body was sent without anybody hearing of it. */
  unanswered(body: string): number {
    return this.aws.unanswered.filter(({ operation, input }) => operation === "SendMessage" && input?.["MessageBody"] === body)
      .length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.aws[Symbol.asyncDispose]();
  }

  async #put(direct: SQSClient, MessageBody: string, group: string | undefined): Promise<void> {
    const attributes = { ...reason, firstReceivedAt: new Date().toISOString() };
    await direct.send(
      new SendMessageCommand({
        QueueUrl: `${this.#cloud.endpoint}/000000000000/${this.names.deadLetterQueue}`,
        MessageBody,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
        ),
        ...(group !== undefined && { MessageGroupId: group, MessageDeduplicationId: crypto.randomUUID() }),
      }),
    );
  }
}
