import { DynamoDBClient, GetItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { type EntityId, type AnyEntityDefinition, type ItemOf, keyOf, parseItem } from "../contracts/entity.ts";
import type { Envelope } from "../contracts/envelope.ts";
import type { AnyEventDefinition, DataOf } from "../contracts/event.ts";
import { queueOrTopicName } from "../contracts/fifo.ts";
import { isOrdered, type ServiceDefinition } from "../contracts/service.ts";
import { type TopicDefinition, topicsOf } from "../contracts/topic.ts";
import { type Cloud, startCloud } from "../local/cloud.ts";
import { type ClaimCheck, createPublisher, type EventToPublish, type Publisher } from "../runtime/index.ts";

/** What a test cloud runs. */
export interface TestCloudOptions {
  /** The cloud assembly, as `cdk synth` wrote it. */
  readonly assembly: string;
  /** SSM parameters that the app expects and does not make itself. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The stage that the assembly is of. @default dev */
  readonly stage?: string;
}

/** An event that could not be handled, and why. */
export interface DeadLetter {
  readonly body: string;
  /** Name of the error; absent where SQS moved the message itself. */
  readonly errorName?: string;
  readonly errorMessage?: string;
  readonly attempts?: number;
}

/** Longest that {@link TestCloud.settle} waits, in milliseconds. */
const SETTLE_MILLISECONDS = 20_000;

/** How often retries that wait are made due, in milliseconds. */
const HURRY_MILLISECONDS = 20;

/** The claim check of a stage's producers. Its clients are loaded where an event may be large, for few are. */
async function openClaimCheck(client: object, stage: string): Promise<ClaimCheck> {
  const [{ GetParameterCommand, SSMClient }, { S3Client }, { s3ClaimCheck }] = await Promise.all([
    import("@aws-sdk/client-ssm"),
    import("@aws-sdk/client-s3"),
    import("../runtime/s3-claim-check.ts"),
  ]);
  const Name = `/fanfare/${stage}/claim-check-bucket`;
  const { Parameter } = await new SSMClient(client).send(new GetParameterCommand({ Name }));
  return s3ClaimCheck({ bucket: Parameter?.Value ?? "", s3: new S3Client(client) });
}

/**
 * The whole system in the test's own process: real engines, real bundles, real queues, on a port of its own.
 *
 * ```ts
 * const cloud = await TestCloud.start({ assembly: "cdk.out" });
 * await cloud.publish(orderPlaced, orderPlaced.example);
 * await cloud.settle();
 * expect(await cloud.item(orders, order, "1001")).toMatchObject({ status: "confirmed" });
 * await cloud.stop();
 * ```
 */
export class TestCloud {
  /** The cloud itself, for what the harness does not wrap. */
  readonly cloud: Cloud;
  readonly #stage: string;
  readonly #dynamodb: DynamoDBClient;
  readonly #sqs: SQSClient;
  readonly #publisher: (topics: readonly TopicDefinition[]) => Promise<Publisher>;

  private constructor(cloud: Cloud, stage: string) {
    this.cloud = cloud;
    this.#stage = stage;
    const client = {
      endpoint: cloud.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    this.#dynamodb = new DynamoDBClient(client);
    this.#sqs = new SQSClient(client);
    const sns = new SNSClient(client);
    this.#publisher = async (topics) => {
      const arn = ({ name, fifo }: TopicDefinition) =>
        `arn:aws:sns:us-east-1:000000000000:${queueOrTopicName(`fanfare-${stage}-${name}`, fifo)}`;
      const topicArns = new Map(topics.map((topic): [string, string] => [topic.name, arn(topic)]));
      const claimCheck = topics.some(({ largeEvents }) => largeEvents) && (await openClaimCheck(client, stage));
      return createPublisher({ source: "test", topicArns, sns, ...(claimCheck && { claimCheck }) });
    };
  }

  /** Starts the system; see {@link startCloud} for what can go wrong. */
  static async start({ assembly, parameters = {}, stage = "dev" }: TestCloudOptions): Promise<TestCloud> {
    return new TestCloud(await startCloud({ assembly, parameters, port: 0 }), stage);
  }

  /** Publishes an event as a producer does, and returns its id. */
  async publish<Definition extends AnyEventDefinition>(
    event: Definition,
    data: DataOf<Definition>,
    options?: { id?: string; cause?: Pick<Envelope, "id" | "correlationid" | "traceparent"> },
  ): Promise<string> {
    const publisher = await this.#publisher([event.topic]);
    const { eventId } = await publisher.publish(event, data, options);
    return eventId;
  }

  /**
   * Publishes many events as a producer does, and returns their ids.
   *
   * @throws the error of the first event that was not published
   */
  async publishAll(events: readonly EventToPublish[]): Promise<string[]> {
    const publisher = await this.#publisher(topicsOf(events.map(({ event }) => event)));
    const results = await publisher.publishAll(events);
    const failed = results.find((result) => result.status === "failed");
    if (failed) throw failed.error;
    return results.map(({ eventId }) => eventId);
  }

  /** Puts a message into a service's queue as it is: for what no publisher would send. In a FIFO queue it has a group. */
  async send(service: ServiceDefinition, body: string, groupId = "test"): Promise<void> {
    const fifo = isOrdered(service) && { MessageGroupId: groupId, MessageDeduplicationId: crypto.randomUUID() };
    await this.#sqs.send(new SendMessageCommand({ QueueUrl: this.#queueUrl(service), MessageBody: body, ...fifo }));
  }

  /**
   * Waits until every event has been handled: no queue holds or delays anything, and nothing runs. Retries that wait for
   * their time come due at once.
   *
   * @throws Error that says what is left, after twenty seconds.
   */
  async settle(): Promise<void> {
    const deadline = performance.now() + SETTLE_MILLISECONDS;
    for (;;) {
      this.cloud.hurry();
      try {
        return await this.cloud.settled(HURRY_MILLISECONDS);
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  /** One item of a service's table; undefined when there is none. */
  async item<Entity extends AnyEntityDefinition>(
    service: ServiceDefinition,
    entity: Entity,
    id: EntityId,
  ): Promise<ItemOf<Entity> | undefined> {
    const { Item } = await this.#dynamodb.send(
      new GetItemCommand({ TableName: this.#name(service), Key: marshall(keyOf(entity, id)), ConsistentRead: true }),
    );
    return Item && parseItem(entity, unmarshall(Item));
  }

  /** All items of one kind in a service's table. */
  async items<Entity extends AnyEntityDefinition>(service: ServiceDefinition, entity: Entity): Promise<ItemOf<Entity>[]> {
    const pages = paginateScan(
      { client: this.#dynamodb },
      {
        TableName: this.#name(service),
        ConsistentRead: true,
        FilterExpression: "begins_with(pk, :kind)",
        ExpressionAttributeValues: marshall({ ":kind": `${entity.name}#` }),
      },
    );
    const items: ItemOf<Entity>[] = [];
    for await (const { Items = [] } of pages) items.push(...Items.map((item) => parseItem(entity, unmarshall(item))));
    return items;
  }

  /** What lies in a service's dead-letter queue. */
  deadLetters(service: ServiceDefinition): DeadLetter[] {
    return this.cloud.deadLetters(this.#queueName(service)).map(({ body, messageAttributes }) => {
      const attribute = (name: string) => messageAttributes[name]?.StringValue;
      const [errorName, errorMessage, attempts] = [attribute("errorName"), attribute("errorMessage"), attribute("attempts")];
      return {
        body,
        ...(errorName !== undefined && { errorName }),
        ...(errorMessage !== undefined && { errorMessage }),
        ...(attempts !== undefined && { attempts: Number(attempts) }),
      };
    });
  }

  /** The e-mails that were sent, oldest first. */
  get emails(): Cloud["mailbox"]["emails"] {
    return this.cloud.mailbox.emails;
  }

  /** Ends the system. */
  async stop(): Promise<void> {
    await this.cloud.stop();
  }

  #name(service: ServiceDefinition): string {
    return `fanfare-${this.#stage}-${service.name}`;
  }

  #queueName(service: ServiceDefinition): string {
    return queueOrTopicName(this.#name(service), isOrdered(service));
  }

  #queueUrl(service: ServiceDefinition): string {
    return `${this.cloud.endpoint}/000000000000/${this.#queueName(service)}`;
  }
}
