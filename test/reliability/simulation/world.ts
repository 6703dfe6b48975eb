import { Table } from "./cloud/dynamodb.ts";
import type { Mapping } from "./cloud/mapping.ts";
import { Objects } from "./cloud/objects.ts";
import { Outside } from "./cloud/outside.ts";
import { Queue, type QueueRules } from "./cloud/queue.ts";
import { Topic } from "./cloud/topic.ts";
import type { Watcher } from "./cloud/watcher.ts";
import type { Faults } from "./faults.ts";
import { Random } from "../../support/random.ts";
import { Scheduler } from "./scheduler.ts";

/** When every simulation begins, in milliseconds since 1970. */
const START = Date.UTC(2026, 10, 20, 9);

/** The queues of a service. */
export interface ServiceQueues {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** Where its subscriptions put what they cannot deliver. */
  readonly undelivered: Queue;
}

/** One simulated account: its clock, its chance, its faults, and everything that lives in it. */
export class World<Watching extends Watcher = Watcher> {
  readonly seed: number;
  readonly scheduler = new Scheduler(START);
  readonly startedAt = START;
  readonly random: Random;
  readonly faults: Faults;
  readonly checks: Watching;
  readonly outside: Outside;
  readonly objects: Objects;
  readonly mappings = new Map<string, Mapping>();
  readonly topics = new Map<string, Topic>();
  readonly queues = new Map<string, Queue>();
  readonly tables = new Map<string, Table>();
  readonly queuesOf = new Map<string, ServiceQueues>();
  /** A copy of each event as it came to each service: what somebody may have kept. */
  readonly copies = new Map<string, { readonly service: string; readonly body: string; readonly group: string | undefined }>();
  /** States that are worth being reached, by how often they were. */
  readonly rareStates = new Map<string, number>();
  /** What happened, line by line. */
  readonly lines: string[] = [];
  #ids = 0;

  constructor(seed: number, faults: Faults, createChecks: (world: World) => Watching) {
    this.seed = seed;
    this.random = new Random(seed, "world");
    this.faults = faults;
    this.outside = new Outside(this);
    this.objects = new Objects(this);
    this.checks = createChecks(this);
  }

  /** Writes a line of the trace. */
  trace(line: string): void {
    this.lines.push(`${(this.scheduler.now - START).toFixed(3)} ${line}`);
  }

  /** Counts a state that is worth being reached. */
  rare(state: string): void {
    this.rareStates.set(state, (this.rareStates.get(state) ?? 0) + 1);
  }

  nextId(): number {
    return ++this.#ids;
  }

  addTopic(name: string, fifo: boolean): Topic {
    const topic = new Topic(this, name, fifo);
    this.topics.set(name, topic);
    return topic;
  }

  addQueue(name: string, rules: QueueRules): Queue {
    const queue = new Queue(this, name, rules);
    this.queues.set(name, queue);
    return queue;
  }

  addTable(service: string): Table {
    const table = new Table(this, service);
    this.tables.set(service, table);
    return table;
  }

  topic(arn: string): Topic {
    return found(this.topics, arn, "topic");
  }

  queue(url: string): Queue {
    return found(this.queues, url, "queue");
  }

  tableOf(service: string): Table {
    return found(this.tables, service, "table");
  }
}

function found<Thing>(things: ReadonlyMap<string, Thing>, name: string, what: string): Thing {
  const thing = things.get(name);
  if (!thing) throw new Error(`the simulated account has no ${what} ${name}`);
  return thing;
}
