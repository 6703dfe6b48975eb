import type { StoredMessage, StoredQueue } from "./fauxqs.ts";

type Dequeue = StoredQueue["dequeue"];
type Received = ReturnType<Dequeue>;
type Sequenced = Pick<StoredMessage, "sequenceNumber">;

/**
 * Makes a FIFO queue of fauxqs 2.4.1 keep its groups as SQS does (AWSSimpleQueueService, "FIFO queue delivery logic"). A receive
 * hands out as many of one group as there are, in order, and then goes on to the next group, where fauxqs hands out one of each.
 * Messages that come back lie in order again, where fauxqs puts each to the front, so that of several the last would be first.
 */
export function keepGroups(queue: StoredQueue): void {
  const processTimers = queue.processTimers.bind(queue);
  queue.processTimers = () => {
    processTimers();
    for (const messages of queue.fifoMessages.values()) messages.sort(bySequence);
  };
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (message) => {
    // One that was received before is moved here, out of another queue with a sequence of its own.
    if (message.approximateReceiveCount > 0) message.sequenceNumber = queue.nextSequenceNumber();
    enqueue(message);
  };
  const dequeue = queue.dequeue.bind(queue);
  queue.dequeue = (maximum, ...rest) => receiveGroups(queue, maximum, (left) => dequeue(left, ...rest));
}

/** Receives one message at a time, and lets its group stay open for the next one: that is of the same group while it has any. */
function receiveGroups(
  { fifoLockedGroups: locks }: StoredQueue,
  maximum: number,
  receive: (maximum: number) => Received,
): Received {
  const lockedBefore = new Set(locks.keys());
  const taken = new Map<string, number>();
  const received: Received = [];
  while (received.length < maximum) {
    const [message] = receive(1);
    if (!message) break;
    received.push(message);
    for (const group of locks.keys()) {
      if (lockedBefore.has(group)) continue;
      taken.set(group, (taken.get(group) ?? 0) + 1);
      locks.delete(group);
    }
  }
  for (const [group, count] of taken) locks.set(group, count);
  return received;
}

function bySequence({ sequenceNumber: a = "" }: Sequenced, { sequenceNumber: b = "" }: Sequenced): number {
  return a < b ? -1 : Number(a > b);
}
