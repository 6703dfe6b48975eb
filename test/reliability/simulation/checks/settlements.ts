import type { Environment, Invocation } from "../cloud/environment.ts";
import { keyOf } from "../cloud/dynamodb.ts";
import type { Item } from "../cloud/items.ts";
import type { Message } from "../cloud/queue.ts";
import { MAX_RECEIVE_COUNT } from "../account.ts";
import type { Faults } from "../faults.ts";
import { type Commits, entriesIn } from "./commits.ts";
import type { Deliveries } from "./deliveries.ts";
import { type Events, isHopeless, isRefused, type KnownEvent } from "./events.ts";
import { listOf, property, textOf } from "./fields.ts";
import type { Report } from "./report.ts";

/** What an invocation is seen to do. */
interface Progress {
  readonly committed: Set<string>;
  readonly published: Set<string>;
  readonly deadLettered: Set<string>;
}

/** Time that the runtime keeps back at the end of an invocation at the least, in milliseconds, by its documentation. */
const LEAST_MARGIN = 250;

/** Services whose handlers never ask for another try, so that a calm invocation reports nothing. */
const NEVER_RETRY = new Set(["tally", "audit", "ledger", "gauge", "sequence", "follower"]);

/** Errors that say that something else is unavailable, and how long an event outlives them, less what clocks may be off. */
const UNAVAILABLE = new Set(["HandlerTimeoutError", "RetryLaterError", "TimeoutError"]);
const UNAVAILABLE_MILLISECONDS = 24 * 3_600_000 - 10_000;

/** Settling: what is acknowledged, what is reported as failed, what is given up. */
export class Settlements {
  /** Dead letters that the runtime has sent, by `<service> <event id>`. */
  readonly deadLettered = new Set<string>();
  #progress = new WeakMap<Invocation, Progress>();
  readonly #seen = new WeakMap<Environment, Map<string, Invocation | undefined>>();
  readonly #report: Report;
  readonly #events: Events;
  readonly #commits: Commits;
  readonly #deliveries: Deliveries;
  readonly #faults: Faults;
  /** Services whose queues keep order. */
  readonly #ordered = new Set(["sequence", "follower"]);

  constructor(report: Report, events: Events, commits: Commits, deliveries: Deliveries, faults: Faults) {
    this.#report = report;
    this.#events = events;
    this.#commits = commits;
    this.#deliveries = deliveries;
    this.#faults = faults;
  }

  /** The runtime makes a call. */
  called(environment: Environment, operation: string, input: unknown): void {
    const { invocation } = environment;
    const eventId = committedIn(operation, input, environment.world.tables.get(environment.service)?.items);
    if (eventId === undefined || !invocation) return;
    const record = invocation.batch.find(({ body }) => this.#events.of(body).id === eventId);
    const name = `${environment.service} ${eventId}`;
    if (!record)
      this.#report(
        "nothing commits after the abort",
        `${name}: by ${environment.name}, for an invocation that has been answered`,
      );
    else if (
      this.#ownerOf(environment, eventId, invocation) &&
      environment.world.scheduler.now > invocation.killedAt - LEAST_MARGIN
    ) {
      this.#report(
        "nothing commits after the abort",
        `${name}: ${invocation.killedAt - environment.world.scheduler.now} ms before the end`,
      );
    }
  }

  /** A call of the runtime has come to a good end, and the runtime knows it. */
  succeeded(environment: Environment, operation: string, input: unknown, output: unknown): void {
    const { invocation } = environment;
    if (!invocation) return;
    const progress = this.#of(invocation);
    const eventId = committedIn(operation, input);
    if (eventId !== undefined && completes(operation, input)) progress.committed.add(eventId);
    if (operation === "PublishBatch") for (const id of this.#publishedIn(input, output)) progress.published.add(id);
    if (operation === "SendMessage" && textOf(input, "QueueUrl").includes("-dlq"))
      progress.deadLettered.add(textOf(input, "MessageBody"));
  }

  /** A dead letter has come to the dead-letter queue. */
  deadLetteredByRuntime(service: string, message: Message): void {
    const event = this.#events.of(message.body);
    const name = `${service} ${event.id}`;
    this.deadLettered.add(name);
    const { errorName, errorMessage, attempts, consumer, firstReceivedAt = "" } = message.attributes;
    if (!errorName || !errorMessage || !attempts || consumer !== service) {
      this.#report("a dead letter says why", `${name}: ${JSON.stringify(message.attributes)}`);
    }
    if (Number(attempts) < MAX_RECEIVE_COUNT && !this.#mayDieEarly(service, event)) {
      this.#report("what may still succeed is not given up", `${name} is dead after ${attempts} receives: ${errorMessage}`);
    }
    const age = message.sentAt - Date.parse(firstReceivedAt);
    if (UNAVAILABLE.has(errorName ?? "") && age < UNAVAILABLE_MILLISECONDS) {
      this.#report("what is unavailable for less than a day kills no event", `${name}: ${errorName} after ${age} ms`);
    }
  }

  /** SQS has moved a message to the dead-letter queue itself. */
  redriven(service: string, { body }: Message): void {
    const event = this.#events.of(body);
    if (this.#faults.total === 0)
      this.#report("a dead letter says why", `${service} ${event.id} was moved by SQS, in a world without faults`);
  }

  /** A message is to be deleted: by the mapping, or by the runtime itself. */
  acknowledged(service: string, { body, messageId }: Message): void {
    const event = this.#events.of(body);
    const name = `${service} ${event.id}`;
    if (this.deadLettered.has(name)) return;
    if (this.#commits.effectsOf(service, event.id) === 0) {
      this.#report("acknowledged only after the commit", `${name} (${messageId}): neither effect nor dead letter`);
      return;
    }
    const missing = this.#commits.led.get(name)?.find((id) => !this.#deliveries.published.has(id));
    if (missing)
      this.#report("every committed outgoing event is published", `${name} is acknowledged, ${missing} is not published`);
  }

  /** An invocation has answered. @param failed what it reports; undefined when the answer is none that Lambda can read */
  answered(invocation: Invocation, failed: ReadonlySet<string> | undefined): void {
    const { service, batch } = invocation;
    if (!failed) return this.#report("batchItemFailures is readable", `${service}: Lambda would fail the whole batch`);
    const progress = this.#of(invocation);
    const reported = batch.filter(({ messageId }) => failed.has(messageId));
    for (const message of reported) this.#checkReported(invocation, progress, message);
    this.#checkGroups(service, batch, failed);
    const [first] = reported;
    if (first && this.#isCalm(invocation)) {
      this.#report(
        "a record that can be handled is not held up",
        `${service} ${this.#events.of(first.body).id} was reported for nothing`,
      );
    }
  }

  /** Of a FIFO queue's records, all behind one that failed come back with it. */
  #checkGroups(service: string, batch: readonly Message[], failed: ReadonlySet<string>): void {
    const held = new Set<string>();
    for (const { messageId, group } of batch) {
      if (group === undefined || !this.#ordered.has(service)) continue;
      if (failed.has(messageId)) held.add(group);
      else if (held.has(group))
        this.#report("later records of a group come back too", `${service} ${messageId} overtook its group`);
    }
  }

  #checkReported(invocation: Invocation, { committed, published, deadLettered }: Progress, { body }: Message): void {
    const { service, batch, environment } = invocation;
    const { id } = this.#events.of(body);
    const copies = batch.filter((message) => this.#events.of(message.body).id === id).length;
    if (copies > 1 || !this.#ownerOf(environment, id, invocation)) return;
    const name = `${service} ${id}`;
    const done = committed.has(id) && this.#commits.led.get(name)?.every((outgoing) => published.has(outgoing));
    if (done) this.#report("a finished record is not reported as failed", `${name} was committed and published`);
    if (deadLettered.has(body))
      this.#report("a finished record is not reported as failed", `${name} was sent to the dead-letter queue`);
  }

  /** Whether nothing happened in the invocation that could make a record fail. */
  #isCalm({ service, batch, troubles, startedAt, killedAt, environment }: Invocation): boolean {
    const used = (environment.world.scheduler.now - startedAt) / (killedAt - startedAt);
    const may = batch.some(({ body, receiveCount }) => {
      const event = this.#events.of(body);
      // Of a FIFO queue, others are put back when one comes again that may have ended the process.
      return isHopeless(service, event) || event.data["kind"] === "flaky" || (this.#ordered.has(service) && receiveCount > 1);
    });
    return troubles === 0 && used < 0.5 && !may && NEVER_RETRY.has(service);
  }

  /** Whether what the environment does for an event is the doing of this invocation, and not left over from one before. */
  #ownerOf(environment: Environment, eventId: string, invocation: Invocation): boolean {
    return this.#seen.get(environment)?.get(eventId) === invocation;
  }

  #of(invocation: Invocation): Progress {
    let progress = this.#progress.get(invocation);
    if (!progress) {
      progress = { committed: new Set(), published: new Set(), deadLettered: new Set() };
      this.#progress.set(invocation, progress);
    }
    return progress;
  }

  /** An environment gets a batch. */
  invoked(invocation: Invocation): void {
    const { environment, batch } = invocation;
    const seen = this.#seen.get(environment) ?? new Map<string, Invocation | undefined>();
    this.#seen.set(environment, seen);
    for (const { body } of batch) {
      const { id } = this.#events.of(body);
      // What an environment does for an event that it has got twice may be left over from the first time: neither is judged by it.
      seen.set(id, seen.has(id) ? undefined : invocation);
    }
  }

  #publishedIn(input: unknown, output: unknown): string[] {
    const entries = listOf(input, "PublishBatchRequestEntries");
    const successful = new Set(listOf(output, "Successful").map((entry) => textOf(entry, "Id")));
    return entries
      .filter((entry) => successful.has(textOf(entry, "Id")))
      .map((entry) => this.#events.of(textOf(entry, "Message")).id);
  }

  /** Whether an event may be dead on its first receive: refused, under another one's id, or newer than a service's old version. */
  #mayDieEarly(service: string, event: KnownEvent): boolean {
    const unknown = service === "tally" && event.type === "probe.sent.v2" && this.#faults.fired.has("deploy.rolling");
    return unknown || isRefused(service, event) || this.#events.reused.has(event.id);
  }
}

/**
 * The event that a call commits, or a part of it; undefined for a call that commits none.
 *
 * @param before the items as the call finds them; without them, the youngest event of a home that the call has written
 */
function committedIn(operation: string, input: unknown, before?: ReadonlyMap<string, Item>): string | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- items, as the runtime wrote them
  const itemOf = (value: unknown) => (value ?? {}) as Item;
  if (operation !== "PutItem" && operation !== "TransactWriteItems") return undefined;
  const [first] = listOf(input, "TransactItems");
  const put = operation === "PutItem" ? input : property(first, "Put");
  const item = itemOf(property(put, "Item"));
  const key = keyOf(put === undefined ? itemOf(property(property(first, "ConditionCheck"), "Key")) : item);
  if (key.startsWith("inbox#")) return eventIdIn(key);
  const known = entriesIn(before?.get(key)).map(({ id }) => id);
  return entriesIn(item).findLast(({ id }) => !known.includes(id))?.id;
}

/** The event of an inbox record's key. */
function eventIdIn(key: string): string {
  return key.slice(key.indexOf("#", "inbox#".length) + 1, key.lastIndexOf("|"));
}

/** Whether a commit is an event's last one. */
function completes(operation: string, input: unknown): boolean {
  return operation === "PutItem" || property(listOf(input, "TransactItems")[0], "Put") !== undefined;
}
