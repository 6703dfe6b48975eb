import type { IncomingMessage, ServerResponse } from "node:http";
import { buildApp, type BuildAppOptions } from "fauxqs";
import { account, queueUrl } from "../account.ts";
import { deadLetterArn } from "../redrive-policy.ts";
import { keepGroups } from "./fifo-queue.ts";

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
type MessageSpy = NonNullable<SnsStore["spy"]>;
type SpiedMessage = Parameters<MessageSpy["addMessage"]>[0];

/** A queue as fauxqs keeps it. */
export type StoredQueue = ReturnType<SqsStore["createQueue"]>;

/** A subscription as fauxqs keeps it. */
export type StoredSubscription = NonNullable<ReturnType<SnsStore["getSubscription"]>>;

/** A message as fauxqs keeps it. */
export type StoredMessage = StoredQueue["messages"][number];

/** SNS, SQS and S3, running in this process. */
export interface MessagingEngine {
  readonly sqs: SqsStore;
  readonly sns: SnsStore;
  readonly s3: S3Store;
  /** Answers one request of the SNS, SQS, S3 or STS protocol. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  stop(): Promise<void>;
}

export interface MessagingOptions {
  /** The gateway's port, which queue URLs name. */
  readonly port: number;
  /** A folder that keeps topics, queues and messages. Absent: they live as long as the process. */
  readonly dataDirectory?: string;
  /** Told of every message published to a topic, before it is delivered. */
  readonly onPublish: (message: { topic: string; type: string | undefined; bytes: number }) => void;
}

/** The classes used of fauxqs, by name. */
interface Internals {
  SqsStore: new () => SqsStore;
  SnsStore: new () => SnsStore;
  S3Store: new () => S3Store;
  PersistenceManager: new (dataDirectory: string) => PersistenceManager;
  MessageSpy: new () => MessageSpy;
}

/** A class of a file beside the package's entry. The package is pinned to one version; test/local covers what is used of it. */
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
  const sqs = await createSqsStore(options.port);
  const [sns, s3Store, persistence] = await Promise.all([
    createSnsStore(sqs, options.onPublish),
    internal("S3Store", "./s3/s3Store.js").then((S3Store) => new S3Store()),
    options.dataDirectory === undefined ? undefined : openPersistence(options.dataDirectory),
  ]);
  if (persistence) {
    // Loading before the stores know their persistence keeps it from writing back what it reads.
    persistence.load(sqs, sns, s3Store);
    sqs.persistence = sns.persistence = s3Store.persistence = persistence;
    for (const queue of sqs.allQueues()) queue.persistence = persistence;
  }
  const app = buildApp({ logger: false, defaultRegion: account.region, stores: { sqsStore: sqs, snsStore: sns, s3Store } });
  await app.ready();
  return {
    sqs,
    sns,
    s3: s3Store,
    handle: (request, response) => app.routing(request, response),
    stop: async () => {
      await app.close();
      persistence?.close();
    },
  };
}

async function createSqsStore(port: number): Promise<SqsStore> {
  const SqsStore = await internal("SqsStore", "./sqs/sqsStore.js");
  /** Names every queue by this run's port, also one that a run on another port has persisted. */
  class LocalSqsStore extends SqsStore {
    override createQueue(name: string, _url: string, ...rest: [arn: string, Record<string, string>?, Record<string, string>?]) {
      const queue = super.createQueue(name, queueUrl(port, name), ...rest);
      receiveInTransaction(queue);
      if (queue.isFifo()) keepGroups(queue);
      return queue;
    }
    override buildQueueUrl(name: string): string {
      return queueUrl(port, name);
    }
  }
  return new LocalSqsStore();
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

async function createSnsStore(sqs: SqsStore, onPublish: MessagingOptions["onPublish"]): Promise<SnsStore> {
  const [SnsStore, MessageSpy] = await Promise.all([
    internal("SnsStore", "./sns/snsStore.js"),
    internal("MessageSpy", "./spy.js"),
  ]);
  /** Shows a subscription whose queue is gone as one of its dead-letter queue, which fauxqs would not deliver to. */
  class LocalSnsStore extends SnsStore {
    override getSubscription(subscriptionArn: string): StoredSubscription | undefined {
      const subscription = super.getSubscription(subscriptionArn);
      if (subscription?.protocol !== "sqs" || sqs.getQueueByArn(subscription.endpoint)) return subscription;
      const endpoint = deadLetterArn(subscription.attributes["RedrivePolicy"]);
      return endpoint === undefined ? subscription : { ...subscription, endpoint };
    }
  }
  class PublishSpy extends MessageSpy {
    override addMessage(message: SpiedMessage): void {
      if (message.service !== "sns") return;
      const type = message.messageAttributes["type"]?.StringValue;
      onPublish({ topic: message.topicName, type, bytes: Buffer.byteLength(message.body) });
    }
  }
  const store = new LocalSnsStore();
  store.spy = new PublishSpy();
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
