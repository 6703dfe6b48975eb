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
      "Without raw delivery a queue gets a JSON notification with the message, its id, its topic, its subject and its attributes",
      "sns/latest/dg/sns-message-and-json-formats.html",
    ],
    raw: [
      "With raw delivery a queue gets the message as it was published, and its attributes as attributes of the message",
      "sns/latest/dg/sns-large-payload-raw-message-delivery.html",
    ],
    "over-ten-raw": [
      "With raw delivery a message with over ten attributes is not delivered, and goes to the subscription's dead-letter queue",
      "sns/latest/dg/sns-message-attributes.html",
    ],
    "over-ten-wrapped": [
      "Without raw delivery a message with over ten attributes is delivered",
      "sns/latest/dg/sns-message-attributes.html",
    ],
    refused: [
      "A message for a queue whose policy does not let the topic in goes to the subscription's dead-letter queue",
      "sns/latest/dg/sns-dead-letter-queues.html",
    ],
    "late-delivery": ["A queue's delay holds for what a topic delivers too", `${QUEUES}/sqs-delay-queues.html`],
    "group-forwarded": ["A standard topic hands a message's group on to a standard queue", `${QUEUES}/sqs-fair-queues.html`],
  },
  Queues: {
    "dead-on-next-receive": [
      "A message goes to the dead-letter queue on the receive after maxReceiveCount",
      `${QUEUES}/sqs-dead-letter-queues.html`,
    ],
    visibility: ["A received message is hidden until its visibility timeout ends, and then comes again, counted", VISIBILITY],
    "visibility-ended": ["A visibility timeout that is set to zero makes a message come again at once", VISIBILITY],
    "stale-handle": [
      "The handle of an earlier receive does not delete a message that has been received again",
      "AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html",
    ],
    "delay-of-queue": ["A delay queue hides a new message for its delay", `${QUEUES}/sqs-delay-queues.html`],
    "delay-of-message": ["A message's own delay holds instead of the queue's", `${QUEUES}/sqs-message-timers.html`],
    "delay-of-message-fifo": ["A FIFO queue refuses a message with a delay of its own", `${QUEUES}/sqs-message-timers.html`],
    retention: ["A message is deleted when the queue's retention period has passed", `${QUEUES}/sqs-basic-architecture.html`],
  },
  "FIFO queues and topics": {
    "order-of-group": ["A receive hands out messages of a group in the order in which they were sent", ORDER],
    "blocked-group": ["While a message of a group is in flight no later one of it is handed out; other groups go on", ORDER],
    "order-after-return": ["Messages that come back are handed out in their order again", ORDER],
    "copy-by-id": ["A message with a deduplication id that came within five minutes is taken and not delivered", COPIES],
    "copy-by-content": ["With content-based deduplication a message with the same body is taken and not delivered", COPIES],
    "copy-across-groups": ["A copy is told within the whole queue", `${QUEUES}/high-throughput-fifo.html`],
    "copy-within-group": [
      "With the deduplication scope messageGroup a copy is told within its group alone",
      `${QUEUES}/high-throughput-fifo.html`,
    ],
    "dead-letter-fifo": [
      "A message of a FIFO queue that goes to the dead-letter queue lets the rest of its group go on",
      `${QUEUES}/sqs-dead-letter-queues.html`,
    ],
    "topic-to-fifo": [
      "A FIFO topic delivers to a FIFO queue in the order of each group, with group and deduplication id",
      "sns/latest/dg/fifo-topic-message-ordering.html",
    ],
    "topic-to-standard": ["A FIFO topic delivers to a standard queue", "sns/latest/dg/fifo-message-delivery.html"],
    "topic-copies": [
      "A FIFO topic delivers a copy to no subscriber, standard queues included",
      "sns/latest/dg/fifo-message-dedup.html",
    ],
    "function-in-order": [
      "A function gets the messages of a group in order, and none behind one that failed until that is handled",
      "lambda/latest/dg/services-sqs-errorhandling.html",
    ],
  },
  "Queues feed functions": {
    partial: ["A message that the function reports as failed comes again, and the others of its batch do not", ANSWERS],
    whole: ["Where the function throws, all messages of its batch come again", ANSWERS],
    "no-answer": ["An answer of null counts as complete success", ANSWERS],
    "empty-answer": ["An empty object counts as complete success", ANSWERS],
    "empty-list": ["An empty list of failures counts as complete success", ANSWERS],
    "null-list": ["A list of failures that is null counts as complete success", ANSWERS],
    "malformed-answer": ["An answer that is no object fails the batch", ANSWERS],
    "null-id": ["An item identifier that is null fails the batch", ANSWERS],
    "empty-id": ["An item identifier that is an empty text fails the batch", ANSWERS],
    "bad-key": ["A failure without the key itemIdentifier fails the batch", ANSWERS],
    "unknown-id": ["An item identifier that is of no message of the batch fails the batch", ANSWERS],
    "wide-batch": ["With a batching window a batch can hold over ten messages", "lambda/latest/dg/services-sqs-configure.html"],
    "maximum-concurrency": [
      "No more invocations run at once than the mapping's maximum concurrency",
      "lambda/latest/dg/services-sqs-scaling.html",
    ],
    "expired-in-handler": ["A message whose visibility timeout ends while a function handles it is handed out again", MAPPING],
    "spent-receives": [
      "A message that a function fails on goes to the dead-letter queue after maxReceiveCount receives",
      ANSWERS,
    ],
    sifted: [
      "A message that the mapping's filter does not match is deleted, and the function does not see it",
      "lambda/latest/dg/with-sqs-filtering.html",
    ],
  },
  "Functions fail": {
    throws: ["A message on which the function throws comes again", ANSWERS],
    "times-out": ["A message on which the function times out comes again, to a function that runs", ENVIRONMENT],
    "runs-out-of-memory": [
      "A message on which the function runs out of memory comes again, to a function that runs",
      ENVIRONMENT,
    ],
    exits: ["A message on which the function's process exits comes again, to a function that runs", ENVIRONMENT],
    "rejects-unhandled": [
      "A message on which a promise is rejected that nobody handles comes again, to a function that runs",
      "lambda/latest/dg/nodejs-exceptions.html",
    ],
  },
  "Streams of tables": {
    "stream-images": ["A function gets an item's changes in their order, with the images before and after", STREAMS],
    "stream-retries": [
      "A change that the function fails on holds up its shard until its retries are spent, and then goes to the destination on failure",
      "lambda/latest/dg/services-ddb-batchfailurereporting.html",
    ],
    "stream-filter": [
      "A function gets the changes alone that the mapping's filter matches",
      "lambda/latest/dg/with-ddb-filtering.html",
    ],
  },
  "Functions invoked asynchronously": {
    "on-success": [
      "What a function has answered goes to its destination on success",
      "lambda/latest/dg/invocation-async-retain-records.html",
    ],
    "on-failure": [
      "An event that a function has failed on goes to its destination on failure",
      "lambda/latest/dg/invocation-async-retain-records.html",
    ],
    retries: [
      "An event that a function has failed on is tried again, under the same request id, before it is given up",
      "lambda/latest/dg/invocation-async-error-handling.html",
    ],
    "topic-to-function": [
      "A topic invokes a function with the message, its id, its topic, its subject and its attributes",
      "lambda/latest/dg/with-sns.html",
    ],
  },
  Redeploys: {
    "policy-changed": [
      "A redeploy changes what a filter policy lets through",
      "sns/latest/dg/sns-subscription-filter-policies.html",
    ],
    "messages-in-flight": [
      "A redeploy of a function with messages in flight loses none of them, and what comes later meets the new function",
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
