import { type Message, MessageGroup } from "./message.ts";
import type { ReadyMessages } from "./ready-messages.ts";

/**
 * The ready messages of a FIFO queue. A receive hands out as many of one group as there are, in order, up to the first that is in flight or
 * delayed, and then goes on to the next group; a group whose first message is in flight waits (AWSSimpleQueueService, "FIFO queue
 * delivery logic"). Groups take turns: one whose first message becomes ready is the last in line.
 */
export class MessageGroups implements ReadyMessages {
  readonly #groups = new Map<string, MessageGroup>();
  #first: MessageGroup | undefined;
  #last: MessageGroup | undefined;

  get first(): Message | undefined {
    return this.#first?.first;
  }

  join(message: Message): void {
    const id = message.groupId ?? "";
    let group = this.#groups.get(id);
    if (group === undefined) this.#groups.set(id, (group = new MessageGroup(id)));
    message.group = group;
    message.previous = group.last;
    message.next = undefined;
    if (group.last === undefined) group.first = message;
    else group.last.next = message;
    group.last = message;
  }

  makeReady(message: Message): void {
    if (message.group?.first === message) this.#queueUp(message.group);
  }

  makeUnready(message: Message): void {
    if (message.group?.first === message) this.#stepBack(message.group);
  }

  leave(message: Message): void {
    const { group, previous, next } = message;
    if (group === undefined) return;
    if (previous === undefined) group.first = next;
    else previous.next = next;
    if (next === undefined) group.last = previous;
    else next.previous = previous;
    message.group = message.previous = message.next = undefined;
    if (previous !== undefined) return;
    if (group.first?.state === "ready") this.#queueUp(group);
    else this.#stepBack(group);
    if (group.first === undefined) this.#groups.delete(group.id);
  }

  take(maximum: number, accept: (message: Message) => boolean): Message[] {
    const taken: Message[] = [];
    for (let group = this.#first; group !== undefined && taken.length < maximum; group = this.#first) {
      this.#stepBack(group);
      // While it has its turn, nothing may line it up.
      group.waits = true;
      for (let message = group.first; message?.state === "ready" && taken.length < maximum;) {
        const { next }: Message = message;
        if (accept(message)) taken.push(message);
        message = next;
      }
      group.waits = false;
      if (group.first?.state === "ready") this.#queueUp(group);
    }
    return taken;
  }

  clear(): void {
    this.#groups.clear();
    this.#first = this.#last = undefined;
  }

  #queueUp(group: MessageGroup): void {
    if (group.waits) return;
    group.waits = true;
    group.previous = this.#last;
    group.next = undefined;
    if (this.#last === undefined) this.#first = group;
    else this.#last.next = group;
    this.#last = group;
  }

  /** Takes a group out of the line. */
  #stepBack(group: MessageGroup): void {
    const isInLine = this.#first === group || group.previous !== undefined;
    if (!isInLine) return;
    if (group.previous === undefined) this.#first = group.next;
    else group.previous.next = group.next;
    if (group.next === undefined) this.#last = group.previous;
    else group.next.previous = group.previous;
    group.waits = false;
    group.previous = group.next = undefined;
  }
}
