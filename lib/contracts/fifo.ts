/** How the names of FIFO topics and queues end, and no other names. sns/latest/api/API_CreateTopic, AWSSimpleQueueService, CreateQueue */
const FIFO_ENDING = ".fifo";

/** The name of a topic or queue, with the ending that AWS asks for where it is FIFO. */
export function queueOrTopicName(name: string, fifo = false): string {
  return fifo ? `${name}${FIFO_ENDING}` : name;
}

/** Whether a topic or queue is FIFO, by its name or ARN. */
export function isFifoName(nameOrArn: string): boolean {
  return nameOrArn.endsWith(FIFO_ENDING);
}
