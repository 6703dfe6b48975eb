import { buildApp, type BuildAppOptions } from "fauxqs";
import { account, queueUrl } from "../../shared/account.ts";
import { deduplicateByScope } from "./deduplication.ts";
import { keepGroups } from "./fifo-queue.ts";
import { expireMessages } from "./retention.ts";
import { type CreateMessage, type QueueMessage, sendTo } from "./send.ts";

/*
 * fauxqs 2.4.1 plays SQS and S3 inside this process. Its public entry only offers a server that listens on every
 * network interface, and no way to a queue but HTTP. This file alone reaches past that entry: see
 * docs/decisions/fauxqs-in-process.md.
 */

type Stores = NonNullable<BuildAppOptions["stores"]>;
type SqsStore = Stores["sqsStore"];
type PersistenceManager = NonNullable<SqsStore["persistence"]>;

/** A queue as fauxqs keeps it. */
export type StoredQueue = ReturnType<SqsStore["createQueue"]>;

/** A message as fauxqs keeps it. */
export type StoredMessage = StoredQueue["messages"][number];

/** SQS, running in this process. */
export interface MessagingEngine {
  readonly sqs: SqsStore;
  /** Has fauxqs answer a request. */
  inject(
    method: "GET" | "POST",
    url: string,
    headers: object,
    body: Buffer | string,
  ): Promise<{ status: number; body: Buffer }>;
  /** Puts a message into a queue. */
  send(queue: StoredQueue, message: QueueMessage): void;
  stop(): Promise<void>;
}

export interface MessagingOptions {
  /** The gateway's port, which queue URLs name. */
  readonly port: number;
  /** A folder that keeps queues and messages. Absent: they live as long as the process. */
  readonly dataDirectory?: string;
}

/** The classes used of fauxqs, by name. */
interface Internals {
  S3Store: new () => NonNullable<Stores["s3Store"]>;
  SqsStore: (new () => SqsStore) & { createMessage: CreateMessage };
  SnsStore: new () => NonNullable<Stores["snsStore"]>;
  PersistenceManager: new (dataDirectory: string) => PersistenceManager;
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
  const SnsStore = await internal("SnsStore", "./sns/snsStore.js");
  const sns = new SnsStore();
  const S3Store = await internal("S3Store", "./s3/s3Store.js");
  const s3Store = new S3Store();
  const persistence = options.dataDirectory === undefined ? undefined : await openPersistence(options.dataDirectory);
  if (persistence) {
    // Loading before the stores know their persistence keeps it from writing back what it reads.
    persistence.load(sqs, sns, s3Store);
    sqs.persistence = persistence;
    for (const queue of sqs.allQueues()) queue.persistence = persistence;
  }
  const app = buildApp({ logger: false, defaultRegion: account.region, stores: { sqsStore: sqs, snsStore: sns, s3Store } });
  await app.ready();
  return {
    sqs,
    send: (queue, message) => sendTo(queue, message, createMessage),
    inject: async (method, url, headers, body) => {
      const answer = await app.inject({ method, url, headers: { ...headers }, payload: body });
      return { status: answer.statusCode, body: answer.rawPayload };
    },
    stop: async () => {
      await app.close();
      persistence?.close();
    },
  };
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
