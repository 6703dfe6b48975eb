import { Heap } from "./heap.ts";
import { byAge, byDue, type Message, type MessageState } from "./message.ts";
import { MessageGroups } from "./message-groups.ts";
import { type ReadyMessages, StandardMessages } from "./ready-messages.ts";

/** How many messages a queue holds, by what may be done with them. */
export interface QueueCounts {
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The messages that a queue holds: ready, in flight and delayed. All it does takes at most logarithmic time. */
export class QueueMessages {
  readonly #byId = new Map<string, Message>();
  readonly #ready: ReadyMessages;
  /** In flight or delayed. */
  readonly #due = new Heap(byDue);
  readonly #aging = new Heap(byAge);
  readonly #counts: Record<MessageState, number> = { ready: 0, "in flight": 0, delayed: 0 };

  constructor(fifo: boolean) {
    this.#ready = fifo ? new MessageGroups() : new StandardMessages();
  }

  get counts(): QueueCounts {
    return { ready: this.#counts.ready, inFlight: this.#counts["in flight"], delayed: this.#counts.delayed };
  }

  get hasReady(): boolean {
    return this.#counts.ready > 0;
  }

  /** The message that would be taken next. */
  get firstReady(): Message | undefined {
    return this.#ready.first;
  }

  get(id: string): Message | undefined {
    return this.#byId.get(id);
  }

  /** In the order in which they came. */
  values(): IterableIterator<Message> {
    return this.#byId.values();
  }

  /** Those in flight and delayed. */
  waiting(): readonly Message[] {
    return [...this.#due.values()];
  }

  add(message: Message, state: MessageState): void {
    this.#byId.set(message.id, message);
    this.#aging.add(message);
    message.state = state;
    this.#counts[state] += 1;
    this.#ready.join(message);
    if (state === "ready") this.#ready.makeReady(message);
    else this.#due.add(message);
  }

  remove(message: Message): void {
    this.#byId.delete(message.id);
    this.#aging.remove(message);
    this.#counts[message.state] -= 1;
    if (message.state !== "ready") this.#due.remove(message);
    this.#ready.leave(message);
  }

  /** Takes ready messages; `accept` hides each, or removes it and answers false. */
  take(maximum: number, accept: (message: Message) => boolean): Message[] {
    return this.#ready.take(maximum, accept);
  }

  /** Puts a message in flight until a time, in epoch milliseconds. */
  hide(message: Message, dueAt: number): void {
    if (message.state === "ready") this.#ready.makeUnready(message);
    else this.#due.remove(message);
    this.#enter(message, "in flight");
    message.dueAt = dueAt;
    this.#due.add(message);
  }

  /** Makes what is due by a time ready. */
  catchUp(now: number): void {
    for (let first = this.#due.first; first !== undefined && first.dueAt <= now; first = this.#due.first) {
      this.#due.remove(first);
      this.#enter(first, "ready");
      this.#ready.makeReady(first);
    }
  }

  /** The message whose retention period ends first. */
  get oldest(): Message | undefined {
    return this.#aging.first;
  }

  /** When the next of those in flight or delayed becomes ready, in epoch milliseconds. */
  get nextDue(): number {
    return this.#due.first?.dueAt ?? Infinity;
  }

  clear(): void {
    this.#byId.clear();
    this.#ready.clear();
    this.#due.clear();
    this.#aging.clear();
    this.#counts.ready = this.#counts["in flight"] = this.#counts.delayed = 0;
  }

  #enter(message: Message, state: MessageState): void {
    this.#counts[message.state] -= 1;
    this.#counts[state] += 1;
    message.state = state;
  }
}
