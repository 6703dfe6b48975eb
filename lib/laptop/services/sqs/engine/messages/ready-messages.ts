import { Heap } from "./heap.ts";
import { byArrival, type Message } from "./message.ts";

/** Which of a queue's messages a receive hands out, and in what order. */
export interface ReadyMessages {
  /** The message that would be taken next. */
  readonly first: Message | undefined;
  /** Takes note of a message that has come to the queue, ready or not. */
  join(message: Message): void;
  /** A message of the queue has become ready. */
  makeReady(message: Message): void;
  /** A ready message is ready no more. */
  makeUnready(message: Message): void;
  /** A message leaves the queue. */
  leave(message: Message): void;
  /**
   * Takes messages that are ready, in order.
   *
   * @param accept makes a message unready, or has it leave and answers false
   */
  take(maximum: number, accept: (message: Message) => boolean): Message[];
  clear(): void;
}

/** The ready messages of a standard queue: handed out in the order in which they came, as far as SQS can. */
export class StandardMessages implements ReadyMessages {
  readonly #ready = new Heap(byArrival);

  get first(): Message | undefined {
    return this.#ready.first;
  }

  join(): void {}

  makeReady(message: Message): void {
    this.#ready.add(message);
  }

  makeUnready(message: Message): void {
    this.#ready.remove(message);
  }

  leave(message: Message): void {
    if (message.state === "ready") this.#ready.remove(message);
  }

  take(maximum: number, accept: (message: Message) => boolean): Message[] {
    const taken: Message[] = [];
    for (let first = this.#ready.first; first !== undefined && taken.length < maximum; first = this.#ready.first) {
      if (accept(first)) taken.push(first);
    }
    return taken;
  }

  clear(): void {
    this.#ready.clear();
  }
}
