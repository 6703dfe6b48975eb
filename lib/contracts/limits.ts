/**
 * Quotas of AWS that the code depends on, each with the page of the AWS documentation that states it.
 * Every figure about AWS that the code uses stands here and nowhere else. Sizes are in bytes, times in the unit named.
 */

const KIB = 1024;

/** Default and widely safe maximum of one SNS message, body and attributes together. sns/latest/dg/large-message-payloads */
export const SNS_MESSAGE_BYTES = 256 * KIB;

/** Maximum of one PublishBatch request, all entries together. sns/latest/api/API_PublishBatch */
export const SNS_BATCH_BYTES = 256 * KIB;

/** Entries of one PublishBatch, SendMessageBatch or DeleteMessageBatch. general/latest/gr/sns, general/latest/gr/sqs-service */
export const BATCH_ENTRIES = 10;

/** Message attributes that raw delivery carries; SNS drops a message with more. sns/latest/dg/SNSMessageAttributes */
export const RAW_DELIVERY_ATTRIBUTES = 10;

/** Longest visibility timeout. AWSSimpleQueueService, "Visibility timeout" */
export const SQS_VISIBILITY_SECONDS = 12 * 60 * 60;

/** Longest retention of a queue. AWSSimpleQueueService, "Message quotas" */
export const SQS_RETENTION_DAYS = 14;

/** A source queue's visibility timeout is at least this many function timeouts. lambda/latest/dg/services-sqs-configure */
export const VISIBILITY_PER_TIMEOUT = 6;

/** Actions of one TransactWriteItems. amazondynamodb, "TransactWriteItems" */
export const TRANSACTION_ACTIONS = 100;

/** Keys of one BatchGetItem. amazondynamodb, "BatchGetItem" */
export const BATCH_GET_KEYS = 100;

/** Longest timeout of a function, in seconds. lambda/latest/dg/gettingstarted-limits */
export const FUNCTION_TIMEOUT_SECONDS = 15 * 60;

/** Most records of one invocation that an event source mapping without a batch window hands over. lambda/latest/dg/services-sqs-configure */
export const MAPPING_BATCH_RECORDS = 10;

/** Least and greatest MaximumConcurrency of an event source mapping. lambda/latest/dg/services-sqs-scaling */
export const MAPPING_CONCURRENCY = { least: 2, greatest: 1000 } as const;

/** Combinations of values of one filter policy; with one key, its values. sns/latest/dg/subscription-filter-policy-constraints */
export const FILTER_POLICY_COMBINATIONS = 150;

/** Longest name of a queue, the shortest limit among our resources that carry a service's and a topic's name. AWSSimpleQueueService, "Queue quotas" */
export const QUEUE_NAME_CHARACTERS = 80;

/** Longest name of a function. lambda/latest/api/API_CreateFunction */
export const FUNCTION_NAME_CHARACTERS = 64;
