import { DeduplicationWindow } from "../../shared/deduplication-window.ts";
import type { StoredQueue } from "./fauxqs.ts";

/**
 * Makes a FIFO queue of fauxqs 2.4.1 tell copies within each message group where its DeduplicationScope says so
 * (AWSSimpleQueueService, "High throughput for FIFO queues"); fauxqs tells them within the whole queue.
 */
export function deduplicateByScope(queue: StoredQueue): void {
  const window = new DeduplicationWindow();
  const isByGroup = () => queue.attributes["DeduplicationScope"] === "messageGroup";
  const checkDeduplication = queue.checkDeduplication.bind(queue);
  const recordDeduplication = queue.recordDeduplication.bind(queue);
  const enqueue = queue.enqueue.bind(queue);
  // Neither of the two is told the group, so that copies are told when a message is put in.
  queue.checkDeduplication = (id) => (isByGroup() ? { isDuplicate: false } : checkDeduplication(id));
  queue.recordDeduplication = (...given) => {
    if (!isByGroup()) recordDeduplication(...given);
  };
  queue.enqueue = (message) => {
    const { messageGroupId = "", messageDeduplicationId = "", approximateReceiveCount } = message;
    // One that was received before is moved here, as a dead letter.
    const isSent = approximateReceiveCount === 0;
    if (isByGroup() && isSent && window.isCopy(messageGroupId, messageDeduplicationId)) return;
    enqueue(message);
  };
}
