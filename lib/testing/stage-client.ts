import {
  type AttributeValue,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { type AnyEntityDefinition, type EntityId, type ItemOf, keyOf } from "../contracts/entity.ts";
import type { Envelope } from "../contracts/envelope.ts";
import type { AnyEventDefinition, DataOf } from "../contracts/event.ts";
import { queueOrTopicName } from "../contracts/fifo.ts";
import { isOrdered, type ServiceDefinition } from "../contracts/service.ts";
import { type TopicDefinition, topicsOf } from "../contracts/topic.ts";
import { fromItem, isAbsent } from "../runtime/unit/stored-item.ts";
import { type ClaimCheck, createPublisher, type EventToPublish, type Publisher } from "../runtime/index.ts";

/** Settings for AWS clients; empty for AWS itself, where the SDK finds region and credentials. */
export type StageSettings = Pick<DynamoDBClientConfig, "endpoint" | "region" | "credentials">;

/** The claim check of a stage's producers. The S3 client is only loaded if an event may be large. */
async function openClaimCheck(settings: StageSettings, bucket: string): Promise<ClaimCheck> {
  const [{ S3Client }, { s3ClaimCheck }] = await Promise.all([
    import("@aws-sdk/client-s3"),
    import("../runtime/publish/s3-claim-check.ts"),
  ]);
  return s3ClaimCheck({ bucket, s3: new S3Client(settings) });
}

/**
 * A deployed stage as a test sees it: publishes events and reads the services' results. It only uses AWS's APIs and the names of
 * the stage's resources, so it works the same on a laptop cloud, another emulator or in an account.
 */
export class StageClient {
  readonly stage: string;
  readonly clients: {
    readonly dynamodb: DynamoDBClient;
    readonly sns: SNSClient;
    readonly sqs: SQSClient;
    readonly ssm: SSMClient;
  };
  readonly #settings: StageSettings;
  readonly #parameters = new Map<string, Promise<string>>();
  readonly #queueUrls = new Map<string, Promise<string>>();

  constructor(settings: StageSettings, stage: string) {
    this.stage = stage;
    this.clients = {
      dynamodb: new DynamoDBClient(settings),
      sns: new SNSClient(settings),
      sqs: new SQSClient(settings),
      ssm: new SSMClient(settings),
    };
    this.#settings = settings;
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

  /**
   * Puts a raw message into a service's queue, for what no publisher would send. A FIFO queue needs a group.
   *
   * @returns SQS's id of the message
   */
  async send(service: ServiceDefinition, body: string, groupId = "test"): Promise<string> {
    const fifo = isOrdered(service) && { MessageGroupId: groupId, MessageDeduplicationId: crypto.randomUUID() };
    const QueueUrl = await this.queueUrl(queueOrTopicName(this.name(service), isOrdered(service)));
    const { MessageId = "" } = await this.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, ...fifo }));
    return MessageId;
  }

  /** One item of a service's table; undefined if it does not exist. */
  async item<Entity extends AnyEntityDefinition>(
    service: ServiceDefinition,
    entity: Entity,
    id: EntityId,
  ): Promise<ItemOf<Entity> | undefined> {
    const { Item } = await this.clients.dynamodb.send(
      new GetItemCommand({ TableName: this.name(service), Key: marshall(keyOf(entity, id)), ConsistentRead: true }),
    );
    return Item && present(entity, Item);
  }

  /** All items of one kind in a service's table. */
  async items<Entity extends AnyEntityDefinition>(service: ServiceDefinition, entity: Entity): Promise<ItemOf<Entity>[]> {
    const pages = paginateScan(
      { client: this.clients.dynamodb },
      {
        TableName: this.name(service),
        ConsistentRead: true,
        FilterExpression: "begins_with(pk, :kind)",
        ExpressionAttributeValues: marshall({ ":kind": `${entity.name}#` }),
      },
    );
    const items: ItemOf<Entity>[] = [];
    for await (const { Items = [] } of pages) items.push(...Items.flatMap((item) => present(entity, item) ?? []));
    return items;
  }

  /** The name of a service's function and table, and of its queue without the suffix of a FIFO queue. */
  name(service: ServiceDefinition): string {
    return `fanfare-${this.stage}-${service.name}`;
  }

  /** The URL of the queue with that name. @throws the SDK's QueueDoesNotExist */
  async queueUrl(QueueName: string): Promise<string> {
    return remembered(this.#queueUrls, QueueName, async () => {
      const { QueueUrl = "" } = await this.clients.sqs.send(new GetQueueUrlCommand({ QueueName }));
      return QueueUrl;
    });
  }

  /** The value of an SSM parameter of the stage: `/fanfare/<stage>/<path>`. @throws the SDK's ParameterNotFound */
  async parameter(path: string): Promise<string> {
    const Name = `/fanfare/${this.stage}/${path}`;
    return remembered(this.#parameters, Name, async () => {
      const { Parameter } = await this.clients.ssm.send(new GetParameterCommand({ Name }));
      return Parameter?.Value ?? "";
    });
  }

  async #publisher(topics: readonly TopicDefinition[]): Promise<Publisher> {
    const topicArns = new Map(
      await Promise.all(topics.map(async ({ name }) => [name, await this.parameter(`topics/${name}`)] as const)),
    );
    const claimCheck =
      topics.some(({ largeEvents }) => largeEvents) &&
      (await openClaimCheck(this.#settings, await this.parameter("claim-check-bucket")));
    return createPublisher({ source: "test", topicArns, sns: this.clients.sns, ...(claimCheck && { claimCheck }) });
  }
}

/** An item's data; undefined when it has expired. */
function present<Entity extends AnyEntityDefinition>(
  entity: Entity,
  item: Record<string, AttributeValue>,
): ItemOf<Entity> | undefined {
  const { pk, sk, ...stored } = unmarshall(item);
  return isAbsent(stored) ? undefined : fromItem(entity, { pk: String(pk), sk: String(sk) }, stored);
}

/** Caches lookups, but not failures. */
async function remembered(known: Map<string, Promise<string>>, key: string, look: () => Promise<string>): Promise<string> {
  const found = known.get(key) ?? look();
  known.set(key, found);
  try {
    return await found;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}
