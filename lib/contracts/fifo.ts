/** The suffix of the names of FIFO topics and queues, and of no others. sns/latest/api/API_CreateTopic, AWSSimpleQueueService, CreateQueue */
const FIFO_SUFFIX = ".fifo";

/** The name of a topic or queue, with the suffix that AWS requires if it is FIFO. */
export function queueOrTopicName(name: string, fifo = false): string {
  return fifo ? `${name}${FIFO_SUFFIX}` : name;
}

/** Whether a topic or queue is FIFO, by its name or ARN. */
export function isFifoName(nameOrArn: string): boolean {
  return nameOrArn.endsWith(FIFO_SUFFIX);
}
