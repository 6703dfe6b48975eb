import type { IncomingMessage, ServerResponse } from "node:http";
import { buildApp, type BuildAppOptions } from "fauxqs";
import { account, queueUrl } from "../../shared/account.ts";
import { Deliveries } from "../sns/deliveries.ts";
import { answerPublish } from "../sns/publish-call.ts";
import type { MessageAttributes } from "../sns/message.ts";
import type { Form } from "../sns/publish-form.ts";
import { type OnPublish, TopicPublisher } from "../sns/publisher.ts";
import { deduplicateByScope } from "./deduplication.ts";
import { keepGroups } from "./fifo-queue.ts";
import { ObjectChanges, type ObjectChange } from "../s3/object-changes.ts";
import { expireMessages } from "./retention.ts";
import { type CreateMessage, sendTo } from "./send.ts";
import { takeObjectsAsBytes } from "../s3/object-bodies.ts";
import { refuseAsAws } from "./refusals.ts";

/*
 * fauxqs 2.4.1 plays SNS, SQS and S3 inside this process. Its public entry only offers a server that listens on every
 * network interface, and no way to a queue but HTTP. This file alone reaches past that entry: see
 * docs/decisions/fauxqs-in-process.md.
 */

type Stores = NonNullable<BuildAppOptions["stores"]>;
type SqsStore = Stores["sqsStore"];
type SnsStore = Stores["snsStore"];
type S3Store = Stores["s3Store"];
type PersistenceManager = NonNullable<SqsStore["persistence"]>;
type MessageSpy = NonNullable<S3Store["spy"]>;
type SpiedMessage = Parameters<MessageSpy["addMessage"]>[0];

/** A queue as fauxqs keeps it. */
export type StoredQueue = ReturnType<SqsStore["createQueue"]>;

/** A topic as fauxqs keeps it. */
export type StoredTopic = NonNullable<ReturnType<SnsStore["getTopic"]>>;

/** A subscription as fauxqs keeps it. */
export type StoredSubscription = NonNullable<ReturnType<SnsStore["getSubscription"]>>;

/** A message as fauxqs keeps it. */
export type StoredMessage = StoredQueue["messages"][number];

/** SNS, SQS and S3, running in this process. */
export interface MessagingEngine {
  readonly sqs: SqsStore;
  readonly sns: SnsStore;
  readonly s3: S3Store;
  /** Answers one request of the SNS, S3 or STS protocol. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Does one action of SQS, with an input of its JSON protocol. `authorization` is the caller's header; it names the region. */
  callSqs(action: string, input: object, authorization: string | undefined): Promise<{ status: number; body: Buffer }>;
  /** Publishes to a topic, as another service of the account does. @throws AwsError where the topic refuses it. */
  publish(topicArn: string, message: string, subject: string, attributes?: MessageAttributes): void;
  stop(): Promise<void>;
}

export interface MessagingOptions {
  /** The gateway's port, which queue URLs name. */
  readonly port: number;
  /** A folder that keeps topics, queues and messages. Absent: they live as long as the process. */
  readonly dataDirectory?: string;
  /** Whether a queue's or a function's policy lets a topic deliver to it. @default - all take all */
  readonly mayDeliver?: (topicArn: string, endpointArn: string) => boolean;
  /** Invokes a function that subscribes to a topic, asynchronously. @throws where it cannot be invoked @default - nothing is invoked */
  readonly invokeFunction?: (functionArn: string, event: unknown) => void | Promise<void>;
  /** Told of every message published to a topic, before it is delivered. */
  readonly onPublish: OnPublish;
  /** Told of every object that is created or removed, once it is. */
  readonly onObjectChange?: (change: ObjectChange) => void;
}

/** The classes used of fauxqs, by name. */
interface Internals {
  SqsStore: (new () => SqsStore) & { createMessage: CreateMessage };
  SnsStore: new () => SnsStore;
  S3Store: new () => S3Store;
  PersistenceManager: new (dataDirectory: string) => PersistenceManager;
  MessageSpy: new () => MessageSpy;
}

/** A class of a file beside the package's entry. The package is pinned to one version; test/laptop covers what is used of it. */
async function internal<Name extends keyof Internals>(name: Name, file: string): Promise<Internals[Name]> {
  const module: unknown = await import(new URL(file, import.meta.resolve("fauxqs")).href);
  if (!hasClass(module, name))
    throw new Error(`fauxqs has no ${name} in ${file}: expected version 2.4.1, as package.json pins it`);
  return module[name];
}

function hasClass<Name extends keyof Internals>(module: unknown, name: Name): module is Pick<Internals, Name> {
  return typeof module === "object" && module !== null && name in module;
}

/** Starts the engine; it listens nowhere. */
export async function startMessaging(options: MessagingOptions): Promise<MessagingEngine> {
  const { sqs, createMessage } = await createSqsStore(options.port);
  const [sns, s3Store, persistence] = await Promise.all([
    internal("SnsStore", "./sns/snsStore.js").then((SnsStore) => new SnsStore()),
    createS3Store(options.onObjectChange),
    options.dataDirectory === undefined ? undefined : openPersistence(options.dataDirectory),
  ]);
  if (persistence) {
    // Loading before the stores know their persistence keeps it from writing back what it reads.
    persistence.load(sqs, sns, s3Store);
    sqs.persistence = sns.persistence = s3Store.persistence = persistence;
    for (const queue of sqs.allQueues()) queue.persistence = persistence;
  }
  const app = buildApp({ logger: false, defaultRegion: account.region, stores: { sqsStore: sqs, snsStore: sns, s3Store } });
  const { mayDeliver = () => true, invokeFunction = () => {}, onPublish } = options;
  const deliveries = new Deliveries({
    subscription: (subscriptionArn) => sns.getSubscription(subscriptionArn),
    queue: (queueArn) => sqs.getQueueByArn(queueArn),
    send: (queue, message) => sendTo(queue, message, createMessage),
    mayDeliver,
    invoke: invokeFunction,
  });
  const publisher = new TopicPublisher(sns, deliveries, onPublish);
  publishWith(app, publisher);
  refuseAsAws(app);
  takeObjectsAsBytes(app);
  await app.ready();
  return {
    sqs,
    sns,
    s3: s3Store,
    handle: (request, response) => app.routing(request, response),
    callSqs: async (action, input, authorization) => {
      const answer = await app.inject({
        method: "POST",
        url: "/",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `AmazonSQS.${action}`,
          ...(authorization !== undefined && { authorization }),
        },
        payload: JSON.stringify(input),
      });
      return { status: answer.statusCode, body: answer.rawPayload };
    },
    publish: (topicArn, body, subject, attributes = {}) => {
      publisher.publish(publisher.topic(topicArn), { body, subject, attributes });
    },
    stop: async () => {
      await app.close();
      persistence?.close();
    },
  };
}

/** Topics take and deliver messages by our rules, not by those of fauxqs: see lib/laptop/services/sns. */
function publishWith(app: ReturnType<typeof buildApp>, publisher: TopicPublisher): void {
  app.addHook("preHandler", async ({ body }, reply) => {
    const answer = isForm(body) ? answerPublish(body, publisher) : undefined;
    return answer && reply.status(answer.status).header("content-type", "text/xml").send(answer.body);
  });
}

/** Whether a body came in the Query protocol, and is no bytes and no JSON of SQS. */
function isForm(body: unknown): body is Form {
  return typeof body === "object" && body !== null && "Action" in body;
}

async function createSqsStore(port: number): Promise<{ sqs: SqsStore; createMessage: CreateMessage }> {
  const SqsStore = await internal("SqsStore", "./sqs/sqsStore.js");
  /** Names every queue by this run's port, also one that a run on another port has persisted. */
  class LocalSqsStore extends SqsStore {
    override createQueue(name: string, _url: string, ...rest: [arn: string, Record<string, string>?, Record<string, string>?]) {
      const queue = super.createQueue(name, queueUrl(port, name), ...rest);
      receiveInTransaction(queue);
      expireMessages(queue);
      if (queue.isFifo()) {
        deduplicateByScope(queue);
        keepGroups(queue);
      }
      return queue;
    }
    override buildQueueUrl(name: string): string {
      return queueUrl(port, name);
    }
  }
  return { sqs: new LocalSqsStore(), createMessage: (...given) => SqsStore.createMessage(...given) };
}

/**
 * Makes what a receive writes one transaction. fauxqs 2.4.1 deletes a message that goes to the dead-letter queue before it inserts
 * it there: a process that is killed in between would lose it.
 */
function receiveInTransaction(queue: StoredQueue): void {
  const dequeue = queue.dequeue.bind(queue);
  queue.dequeue = (...given) => {
    const { persistence }: { persistence?: object } = queue;
    if (persistence === undefined) return dequeue(...given);
    if (!runsTransactions(persistence))
      throw new Error("fauxqs keeps no transactions: expected version 2.4.1, as package.json pins it");
    let received: ReturnType<typeof dequeue> = [];
    persistence.transaction(() => (received = dequeue(...given)));
    return received;
  };
}

function runsTransactions(persistence: object): persistence is { transaction(work: () => void): void } {
  return "transaction" in persistence;
}

async function createS3Store(onObjectChange: (change: ObjectChange) => void = () => {}): Promise<S3Store> {
  const [S3Store, MessageSpy] = await Promise.all([internal("S3Store", "./s3/s3Store.js"), internal("MessageSpy", "./spy.js")]);
  const store = new S3Store();
  const changes = new ObjectChanges(store, onObjectChange);
  class ObjectSpy extends MessageSpy {
    override addMessage(message: SpiedMessage): void {
      if (message.service === "s3") changes.see(message);
    }
  }
  store.spy = new ObjectSpy();
  return store;
}

async function openPersistence(dataDirectory: string): Promise<PersistenceManager> {
  const PersistenceManager = await internal("PersistenceManager", "./persistence.js");
  /**
   * fauxqs 2.4.1 writes a null receive count when a visibility timeout is set to zero, which its own schema refuses.
   * Left out, the message is ready in memory and, after a restart, once its former visibility timeout has run out.
   */
  class Persistence extends PersistenceManager {
    override updateMessageReady(): void {}
  }
  return new Persistence(dataDirectory);
}
