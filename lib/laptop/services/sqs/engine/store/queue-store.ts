import type { DatabaseSync, StatementSync } from "node:sqlite";
import { AwsError } from "../../../../shared/aws-error.ts";
import { messageOf } from "../../../../shared/errors.ts";
import { type Original, WINDOW_MILLISECONDS } from "../deduplication.ts";
import type { KeptQueue, QueueRecord } from "./kept-queue.ts";
import { LateWrites } from "./late-writes.ts";
import type { Message } from "../messages/message.ts";
import { contentOf, numberIn, readMessage, recordIn, textIn } from "./stored-rows.ts";

// No index by queue: it would double what a send writes, and only a purge looks for a queue's messages.
const TABLES = `
  CREATE TABLE IF NOT EXISTS sqs_queues (name TEXT PRIMARY KEY, attributes TEXT, tags TEXT, created INTEGER, modified INTEGER);
  CREATE TABLE IF NOT EXISTS sqs_messages (
    place INTEGER PRIMARY KEY, queue TEXT, id TEXT, body TEXT, content TEXT, sent INTEGER, retained INTEGER, due INTEGER,
    receives INTEGER, receives_here INTEGER, first_received INTEGER, source TEXT);
  CREATE TABLE IF NOT EXISTS sqs_originals (queue TEXT, key TEXT, id TEXT, place INTEGER, sent INTEGER, PRIMARY KEY (queue, key));
`;

/** After how many new ones those that have had their time are deleted. */
const FORGET_EVERY = 1_000;

/** Keeps queues and their messages in a database. What a call of this has written is there after a crash of the process. */
export class QueueStore {
  readonly #database: DatabaseSync;
  readonly #add: StatementSync;
  readonly #save: StatementSync;
  readonly #move: StatementSync;
  readonly #remove: StatementSync;
  readonly #addOriginal: StatementSync;
  readonly #forgetOriginals: StatementSync;
  readonly #late: LateWrites;
  #originalsAdded = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#late = new LateWrites(database);
    database.exec(TABLES);
    this.#forgetOriginals = database.prepare("DELETE FROM sqs_originals WHERE sent < ?");
    this.#forgetOriginals.run(Date.now() - WINDOW_MILLISECONDS);
    this.#add = database.prepare("INSERT INTO sqs_messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, NULL, NULL)");
    this.#save = database.prepare(
      "UPDATE sqs_messages SET due = ?, receives = ?, receives_here = ?, first_received = ? WHERE place = ?",
    );
    this.#move = database.prepare(
      "UPDATE sqs_messages SET place = ?, queue = ?, id = ?, sent = ?, retained = ?, due = 0, receives = ?, receives_here = 0, first_received = ?, source = ? WHERE place = ?",
    );
    this.#remove = database.prepare("DELETE FROM sqs_messages WHERE place = ?");
    this.#addOriginal = database.prepare("INSERT OR REPLACE INTO sqs_originals VALUES (?, ?, ?, ?, ?)");
  }

  /** Makes what some work saves, moves and removes one transaction. */
  together<T>(work: () => T): T {
    return this.#late.together(work);
  }

  /**
   * @param key what copies of it are recognized by; undefined where they are not
   * @throws AwsError where there is no room for it: it is not kept then
   */
  addMessage(queue: string, message: Message, key: string | undefined): void {
    const { order, id, body, sentAt, retainedSince, dueAt } = message;
    const add = () => this.#add.run(order, queue, id, body, contentOf(message), sentAt, retainedSince, dueAt);
    this.#keep(() => {
      if (key === undefined) return void add();
      this.#late.atomically(() => {
        add();
        this.#addOriginal.run(queue, key, id, order, sentAt);
        this.#originalsAdded += 1;
        if (this.#originalsAdded % FORGET_EVERY === 0) this.#forgetOriginals.run(sentAt - WINDOW_MILLISECONDS);
      });
    });
  }

  saveMessage({ order, dueAt, receiveCount, receivesHere, firstReceivedAt }: Message): void {
    this.#late.write(() => this.#save.run(dueAt, receiveCount, receivesHere, firstReceivedAt ?? null, order));
  }

  /** A message has gone to another queue. `former` is the order that it had. */
  moveMessage(former: number, queue: string, message: Message): void {
    const { order, id, sentAt, retainedSince, receiveCount, firstReceivedAt = null, deadLetterSource = null } = message;
    this.#late.write(() =>
      this.#move.run(order, queue, id, sentAt, retainedSince, receiveCount, firstReceivedAt, deadLetterSource, former),
    );
  }

  removeMessage({ order }: Message): void {
    this.#late.write(() => this.#remove.run(order));
  }

  /** Deletes a queue's messages and what copies are recognized by. */
  purge(queue: string): void {
    this.#late.write(() => this.#purge(queue));
  }

  /** @throws AwsError where there is no room for it */
  saveQueue({ name, attributes, tags, createdAt, modifiedAt }: QueueRecord): void {
    this.#keep(() =>
      this.#database
        .prepare("INSERT OR REPLACE INTO sqs_queues VALUES (?, ?, ?, ?, ?)")
        .run(name, JSON.stringify(attributes), JSON.stringify(tags), createdAt, modifiedAt),
    );
  }

  removeQueue(name: string): void {
    this.#late.write(() => {
      this.#purge(name);
      this.#database.prepare("DELETE FROM sqs_queues WHERE name = ?").run(name);
    });
  }

  /** What former runs have kept. */
  load(): KeptQueue[] {
    const all = (table: string, order: string) => this.#database.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all();
    const messages = Map.groupBy(all("sqs_messages", "place"), (row) => textIn(row, "queue"));
    const originals = Map.groupBy(all("sqs_originals", "sent"), (row) => textIn(row, "queue"));
    return all("sqs_queues", "name").map((row) => {
      const name = textIn(row, "name");
      return {
        name,
        attributes: recordIn(row, "attributes"),
        tags: recordIn(row, "tags"),
        createdAt: numberIn(row, "created"),
        modifiedAt: numberIn(row, "modified"),
        messages: (messages.get(name) ?? []).map(readMessage),
        originals: (originals.get(name) ?? []).map((original) => [textIn(original, "key"), originalOf(original)] as const),
      };
    });
  }

  #purge(queue: string): void {
    this.#database.prepare("DELETE FROM sqs_messages WHERE queue = ?").run(queue);
    this.#database.prepare("DELETE FROM sqs_originals WHERE queue = ?").run(queue);
  }

  /** Keeps something, once all that came before it is written. */
  #keep(work: () => void): void {
    try {
      this.#late.catchUp();
      work();
    } catch (error) {
      throw new AwsError("ServiceUnavailable", `The laptop cloud cannot keep it: ${messageOf(error)}.`, 503);
    }
  }
}

function originalOf(row: Parameters<typeof textIn>[0]): Original {
  return { messageId: textIn(row, "id"), order: numberIn(row, "place"), sentAt: numberIn(row, "sent") };
}
