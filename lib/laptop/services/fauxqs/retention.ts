import type { StoredMessage, StoredQueue } from "./fauxqs.ts";

/**
 * Makes a queue of fauxqs 2.4.1 delete what has been in it for longer than its MessageRetentionPeriod, which fauxqs keeps and does
 * not follow. The time runs from when a message was sent, also in a dead-letter queue that it was moved to
 * (AWSSimpleQueueService, "Setting up dead-letter queue retention"). One in flight is deleted when it comes back.
 */
export function expireMessages(queue: StoredQueue): void {
  /** When the next message expires, in epoch milliseconds: before that there is nothing to look for. */
  let due = 0;
  const milliseconds = () => Number(queue.attributes["MessageRetentionPeriod"]) * 1_000;
  const expire = () => {
    if (Date.now() < due) return;
    deleteSentBefore(queue, Date.now() - milliseconds());
    due = firstSent(queue) + milliseconds();
  };
  const { processTimers, enqueue, setAttributes, getAttribute } = bound(queue);
  queue.processTimers = () => {
    processTimers();
    expire();
  };
  queue.enqueue = (message) => {
    due = Math.min(due, message.sentTimestamp + milliseconds());
    enqueue(message);
  };
  queue.setAttributes = (attributes) => {
    setAttributes(attributes);
    due = 0;
  };
  queue.getAttribute = (name) => {
    if (name.startsWith("ApproximateNumberOfMessages")) expire();
    return getAttribute(name);
  };
}

function bound(queue: StoredQueue) {
  return {
    processTimers: queue.processTimers.bind(queue),
    enqueue: queue.enqueue.bind(queue),
    setAttributes: queue.setAttributes.bind(queue),
    getAttribute: queue.getAttribute.bind(queue),
  };
}

function deleteSentBefore(queue: StoredQueue, time: number): void {
  const keep = (messages: readonly StoredMessage[]) => messages.filter((message) => message.sentTimestamp > time);
  const { ready, delayed } = queue.inspectMessages();
  for (const { messageId, sentTimestamp } of [...ready, ...delayed]) {
    if (sentTimestamp <= time) queue.persistence?.deleteMessage(messageId);
  }
  queue.messages = keep(queue.messages);
  queue.delayedMessages = keep(queue.delayedMessages);
  for (const groups of [queue.fifoMessages, queue.fifoDelayed]) {
    for (const [group, messages] of groups) {
      const kept = keep(messages);
      if (kept.length > 0) groups.set(group, kept);
      else groups.delete(group);
    }
  }
}

function firstSent(queue: StoredQueue): number {
  const { ready, delayed, inflight } = queue.inspectMessages();
  const held = [...ready, ...delayed, ...inflight.map(({ message }) => message)];
  return held.reduce((first, { sentTimestamp }) => Math.min(first, sentTimestamp), Infinity);
}
