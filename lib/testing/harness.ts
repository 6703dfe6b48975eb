import type { AnyEntityDefinition, EntityId, ItemOf } from "../contracts/entity.ts";
import type { Envelope } from "../contracts/envelope.ts";
import type { AnyEventDefinition, DataOf } from "../contracts/event.ts";
import { queueOrTopicName } from "../contracts/fifo.ts";
import { isOrdered, type ServiceDefinition } from "../contracts/service.ts";
import { type Cloud, startCloud } from "../laptop/index.ts";
import type { IamMode } from "../laptop/index.ts";
import type { EventToPublish } from "../runtime/index.ts";
import { StageClient } from "./stage-client.ts";

export interface TestCloudOptions {
  /** The cloud assembly, as `cdk synth` wrote it. */
  readonly assembly: string;
  /** SSM parameters that the app expects and does not create. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The assembly's stage. @default dev */
  readonly stage?: string;
  /** What happens to calls that the templates' IAM policies deny. @default enforce */
  readonly iam?: IamMode;
  /** The endpoint of a DynamoDB to use. @default - one is started */
  readonly dynamodb?: string;
}

/** An event that could not be handled, and why. */
export interface DeadLetter {
  readonly body: string;
  /** Name of the error; absent if SQS moved the message. */
  readonly errorName?: string;
  readonly errorMessage?: string;
  readonly attempts?: number;
}

/** Longest that {@link TestCloud.settle} waits, in milliseconds. */
const SETTLE_MILLISECONDS = 20_000;

/** How often waiting retries are made due, in milliseconds. */
const RETRY_DUE_MILLISECONDS = 20;

/**
 * The whole system in the test's own process: real engines, real bundles, real queues, on its own port.
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
  readonly #stage: StageClient;

  private constructor(cloud: Cloud, stage: string) {
    this.cloud = cloud;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    this.#stage = new StageClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials }, stage);
  }

  /** Starts the system; throws as {@link startCloud} does. */
  static async start({ parameters = {}, stage = "dev", iam = "enforce", ...rest }: TestCloudOptions): Promise<TestCloud> {
    return new TestCloud(await startCloud({ ...rest, parameters, iam, port: 0 }), stage);
  }

  /** Publishes an event as a producer does, and returns its id. */
  publish<Definition extends AnyEventDefinition>(
    event: Definition,
    data: DataOf<Definition>,
    options?: { id?: string; cause?: Pick<Envelope, "id" | "correlationid" | "traceparent"> },
  ): Promise<string> {
    return this.#stage.publish(event, data, options);
  }

  /**
   * Publishes many events as a producer does, and returns their ids.
   *
   * @throws the error of the first event that was not published
   */
  publishAll(events: readonly EventToPublish[]): Promise<string[]> {
    return this.#stage.publishAll(events);
  }

  /** Puts a raw message into a service's queue, for what no publisher would send. A FIFO queue needs a group. */
  async send(service: ServiceDefinition, body: string, groupId?: string): Promise<void> {
    await this.#stage.send(service, body, groupId);
  }

  /**
   * Waits until every event has been handled: all queues are empty and nothing runs. Waiting retries become due at once.
   *
   * @throws Error that says what is left, after twenty seconds.
   */
  async settle(): Promise<void> {
    const deadline = performance.now() + SETTLE_MILLISECONDS;
    for (;;) {
      this.cloud.skipWaits();
      try {
        return await this.cloud.settled(RETRY_DUE_MILLISECONDS);
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  /** One item of a service's table; undefined if it does not exist. */
  item<Entity extends AnyEntityDefinition>(
    service: ServiceDefinition,
    entity: Entity,
    id: EntityId,
  ): Promise<ItemOf<Entity> | undefined> {
    return this.#stage.item(service, entity, id);
  }

  /** All items of one kind in a service's table. */
  items<Entity extends AnyEntityDefinition>(service: ServiceDefinition, entity: Entity): Promise<ItemOf<Entity>[]> {
    return this.#stage.items(service, entity);
  }

  /** The messages in a service's dead-letter queue. */
  deadLetters(service: ServiceDefinition): DeadLetter[] {
    const queue = queueOrTopicName(this.#stage.name(service), isOrdered(service));
    return this.cloud.queues.deadLetters(queue).map(({ body, messageAttributes }) => {
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
}
