import { FILTERS } from "./app/filter-matrix.ts";

/** One thing that AWS documents, and that a target does or does not do. */
export interface Behaviour {
  /** Heading of its part of docs/parity.md. */
  readonly area: string;
  /** A sentence: the test's name, and what AWS documents. */
  readonly title: string;
  /** The page that documents it, below docs.aws.amazon.com. */
  readonly page: string;
}

const QUEUES = "AWSSimpleQueueService/latest/SQSDeveloperGuide";
const VISIBILITY = `${QUEUES}/sqs-visibility-timeout.html`;
const ORDER = `${QUEUES}/FIFO-queues-understanding-logic.html`;
const COPIES = `${QUEUES}/FIFO-queues-exactly-once-processing.html`;
const ANSWERS = "lambda/latest/dg/services-sqs-errorhandling.html";
const MAPPING = "lambda/latest/dg/with-sqs.html";
const ENVIRONMENT = "lambda/latest/dg/lambda-runtime-environment.html";
const STREAMS = "lambda/latest/dg/with-ddb.html";

/** By area and id: what AWS documents, and the page. */
const AREAS: Readonly<Record<string, Readonly<Record<string, readonly [title: string, page: string]>>>> = {
  "Topics deliver to queues": {
    wrapped: [
      "Without raw delivery, a queue gets a JSON notification with the message, its id, topic, subject and attributes",
      "sns/latest/dg/sns-message-and-json-formats.html",
    ],
    raw: [
      "With raw delivery, a queue gets the message as published, with its attributes as message attributes",
      "sns/latest/dg/sns-large-payload-raw-message-delivery.html",
    ],
    "over-ten-raw": [
      "With raw delivery, a message with more than ten attributes goes to the subscription's dead-letter queue",
      "sns/latest/dg/sns-message-attributes.html",
    ],
    "over-ten-wrapped": [
      "Without raw delivery, a message with more than ten attributes is delivered",
      "sns/latest/dg/sns-message-attributes.html",
    ],
    refused: [
      "A message for a queue whose policy refuses the topic goes to the subscription's dead-letter queue",
      "sns/latest/dg/sns-dead-letter-queues.html",
    ],
    "late-delivery": ["A queue's delay also applies to messages from a topic", `${QUEUES}/sqs-delay-queues.html`],
    "group-forwarded": [
      "A standard topic passes a message's group id on to a standard queue",
      `${QUEUES}/sqs-fair-queues.html`,
    ],
  },
  Queues: {
    "dead-on-next-receive": [
      "A message goes to the dead-letter queue on the receive after maxReceiveCount",
      `${QUEUES}/sqs-dead-letter-queues.html`,
    ],
    visibility: [
      "A received message is hidden until its visibility timeout ends; then it comes back with a higher receive count",
      VISIBILITY,
    ],
    "visibility-ended": ["Setting the visibility timeout to zero makes a message available at once", VISIBILITY],
    "stale-handle": [
      "A standard queue deletes a message by the receipt handle of an earlier receive too (recorded on AWS; its documentation says otherwise)",
      "AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html",
    ],
    "delay-of-queue": ["A delay queue hides a new message for its delay", `${QUEUES}/sqs-delay-queues.html`],
    "delay-of-message": ["A message's delay overrides the queue's", `${QUEUES}/sqs-message-timers.html`],
    "delay-of-message-fifo": ["A FIFO queue refuses a delay on a single message", `${QUEUES}/sqs-message-timers.html`],
    retention: ["A message is deleted when the queue's retention period has passed", `${QUEUES}/sqs-basic-architecture.html`],
  },
  "FIFO queues and topics": {
    "order-of-group": ["A receive returns the messages of a group in the order they were sent", ORDER],
    "blocked-group": ["While a message of a group is in flight, later ones of the group wait; other groups do not", ORDER],
    "order-after-return": ["Messages that come back are received in order again", ORDER],
    "copy-by-id": ["A message that repeats a deduplication id within five minutes is accepted but not delivered", COPIES],
    "copy-by-content": [
      "With content-based deduplication, a message that repeats a body is accepted but not delivered",
      COPIES,
    ],
    "copy-across-groups": ["Deduplication applies to the whole queue", `${QUEUES}/high-throughput-fifo.html`],
    "copy-within-group": [
      "With the deduplication scope messageGroup, it applies within each group",
      `${QUEUES}/high-throughput-fifo.html`,
    ],
    "dead-letter-fifo": [
      "In a FIFO queue, a message moved to the dead-letter queue no longer blocks its group",
      `${QUEUES}/sqs-dead-letter-queues.html`,
    ],
    "topic-to-fifo": [
      "A FIFO topic delivers to a FIFO queue in order per group, with group and deduplication ids",
      "sns/latest/dg/fifo-topic-message-ordering.html",
    ],
    "topic-to-standard": ["A FIFO topic delivers to a standard queue", "sns/latest/dg/fifo-message-delivery.html"],
    "topic-copies": [
      "A FIFO topic delivers a duplicate to no subscriber, standard queues included",
      "sns/latest/dg/fifo-message-dedup.html",
    ],
    "function-in-order": [
      "A function gets the messages of a group in order, and none after a failed one until that is handled",
      "lambda/latest/dg/services-sqs-errorhandling.html",
    ],
  },
  "Queues invoke functions": {
    partial: ["A message that the function reports as failed comes back; the rest of its batch does not", ANSWERS],
    whole: ["If the function throws, all messages of its batch come back", ANSWERS],
    "no-answer": ["A null response counts as success", ANSWERS],
    "empty-answer": ["An empty object counts as success", ANSWERS],
    "empty-list": ["An empty list of failures counts as success", ANSWERS],
    "null-list": ["A null list of failures counts as success", ANSWERS],
    "malformed-answer": ["A response that is not an object fails the batch", ANSWERS],
    "null-id": ["A null item identifier fails the batch", ANSWERS],
    "empty-id": ["An empty item identifier fails the batch", ANSWERS],
    "bad-key": ["A failure without the key itemIdentifier fails the batch", ANSWERS],
    "unknown-id": ["An item identifier that matches no message of the batch fails the batch", ANSWERS],
    "wide-batch": [
      "With a batching window, a batch can have more than ten messages",
      "lambda/latest/dg/services-sqs-configure.html",
    ],
    "maximum-concurrency": [
      "The mapping's maximum concurrency limits how many invocations run at once",
      "lambda/latest/dg/services-sqs-scaling.html",
    ],
    "expired-in-handler": ["A message whose visibility timeout ends while a function handles it is received again", MAPPING],
    "spent-receives": [
      "A message that a function fails on goes to the dead-letter queue after maxReceiveCount receives",
      ANSWERS,
    ],
    sifted: [
      "A message that does not match the mapping's filter is deleted, and the function does not see it",
      "lambda/latest/dg/with-sqs-filtering.html",
    ],
  },
  "Functions fail": {
    throws: ["A message on which the function throws comes back", ANSWERS],
    "times-out": ["A message on which the function times out comes back, to a working function", ENVIRONMENT],
    "runs-out-of-memory": ["A message on which the function runs out of memory comes back, to a working function", ENVIRONMENT],
    exits: ["A message on which the function's process exits comes back, to a working function", ENVIRONMENT],
    "rejects-unhandled": [
      "A message that leads to an unhandled promise rejection comes back, to a working function",
      "lambda/latest/dg/nodejs-exceptions.html",
    ],
  },
  "Table streams": {
    "stream-images": ["A function gets an item's changes in order, with the images before and after", STREAMS],
    "stream-retries": [
      "A change that the function fails on blocks its shard until its retries are used up, then goes to the on-failure destination",
      "lambda/latest/dg/services-ddb-batchfailurereporting.html",
    ],
    "stream-filter": [
      "A function gets only the changes that match the mapping's filter",
      "lambda/latest/dg/with-ddb-filtering.html",
    ],
  },
  "Functions invoked asynchronously": {
    "on-success": [
      "A function's result goes to its on-success destination",
      "lambda/latest/dg/invocation-async-retain-records.html",
    ],
    "on-failure": [
      "An event that a function has failed on goes to its on-failure destination",
      "lambda/latest/dg/invocation-async-retain-records.html",
    ],
    retries: [
      "An event that a function has failed on is retried with the same request id before it is given up",
      "lambda/latest/dg/invocation-async-error-handling.html",
    ],
    "topic-to-function": [
      "A topic invokes a function with the message, its id, topic, subject and attributes",
      "lambda/latest/dg/with-sns.html",
    ],
  },
  Redeploys: {
    "policy-changed": [
      "A redeploy changes which messages match a filter policy",
      "sns/latest/dg/sns-subscription-filter-policies.html",
    ],
    "messages-in-flight": [
      "A redeploy of a function with messages in flight loses none; later messages go to the new code",
      "lambda/latest/dg/nodejs-package.html",
    ],
  },
};

/** All behaviours by their ids, in the order of docs/parity.md. */
export const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map([
  ...[...FILTERS].map(([id, { title, page }]): [string, Behaviour] => [
    `filter-${id}`,
    { area: "Filter policies", title, page },
  ]),
  ...Object.entries(AREAS).flatMap(([area, rows]) =>
    Object.entries(rows).map(([id, [title, page]]): [string, Behaviour] => [id, { area, title, page }]),
  ),
]);
