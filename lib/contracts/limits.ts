/**
 * AWS quotas that the contracts, the runtime, the constructs and the operator's tools depend on, each with the page of the AWS
 * documentation that states it. The laptop cloud keeps those of the services it stands in for. Sizes are in bytes, times in
 * the unit named.
 */

const KIB = 1024;

/** Default maximum of one SNS message, body and attributes together. sns/latest/dg/large-message-payloads */
export const SNS_MESSAGE_BYTES = 256 * KIB;

/** Maximum of one PublishBatch request, all entries together. sns/latest/api/API_PublishBatch */
export const SNS_BATCH_BYTES = 256 * KIB;

/** Entries of one PublishBatch, SendMessageBatch or DeleteMessageBatch. general/latest/gr/sns, general/latest/gr/sqs-service */
export const BATCH_ENTRIES = 10;

/** Maximum of message attributes with raw delivery; SNS drops a message with more. sns/latest/dg/SNSMessageAttributes */
export const RAW_DELIVERY_ATTRIBUTES = 10;

/** Longest visibility timeout. AWSSimpleQueueService, "Visibility timeout" */
export const SQS_VISIBILITY_SECONDS = 12 * 60 * 60;

/** Messages of one queue in flight; SQS then delivers no more. AWSSimpleQueueService, "Message quotas", "FIFO queue quotas" */
export const SQS_IN_FLIGHT_MESSAGES = 120_000;

/** Greatest maxReceiveCount of a redrive policy. AWSSimpleQueueService, "Configure a dead-letter queue" */
export const SQS_RECEIVES = 1_000;

/** Longest retention of a queue. AWSSimpleQueueService, "Message quotas" */
export const SQS_RETENTION_DAYS = 14;

/** Function timeouts that a source queue's visibility timeout should last, at least. lambda/latest/dg/services-sqs-configure */
export const VISIBILITY_PER_TIMEOUT = 6;

/** Actions of one TransactWriteItems. amazondynamodb, "TransactWriteItems" */
export const TRANSACTION_ACTIONS = 100;

/** Keys of one BatchGetItem. amazondynamodb, "BatchGetItem" */
export const BATCH_GET_KEYS = 100;

/** Global secondary indexes of one table, by default. amazondynamodb, "Quotas in Amazon DynamoDB" */
export const TABLE_INDEXES = 20;

/** Longest timeout of a function, in seconds. lambda/latest/dg/gettingstarted-limits */
export const FUNCTION_TIMEOUT_SECONDS = 15 * 60;

/** Most records per invocation from an event source mapping without a batch window. lambda/latest/dg/services-sqs-configure */
export const MAPPING_BATCH_RECORDS = 10;

/** Least and greatest MaximumConcurrency of an event source mapping. lambda/latest/dg/services-sqs-scaling */
export const MAPPING_CONCURRENCY = { least: 2, greatest: 1000 } as const;

/** Combinations of values of one filter policy; with one key, its values. sns/latest/dg/subscription-filter-policy-constraints */
export const FILTER_POLICY_COMBINATIONS = 150;

/** Longest name of a queue: the tightest limit among our resources named after a service and a topic. AWSSimpleQueueService, "Queue quotas" */
export const QUEUE_NAME_CHARACTERS = 80;

/** Longest name of a function. lambda/latest/api/API_CreateFunction */
export const FUNCTION_NAME_CHARACTERS = 64;
