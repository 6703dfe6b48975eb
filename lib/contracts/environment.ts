/**
 * The environment variables of a service's function: the constructs set them, the runtime reads them. The ARN of each topic
 * that a service publishes to has a variable of its own: see `topicVariable`.
 */
export const environment = {
  /** Name of the service, as its definition says. */
  service: "SERVICE_NAME",
  /** What code runs: the first 12 hexadecimal digits of the bundle's hash. */
  version: "SERVICE_VERSION",
  /** `dev` or `prod`. */
  stage: "STAGE",
  /** Name of the service's table. */
  table: "TABLE_NAME",
  /** URL of the service's queue. */
  queueUrl: "QUEUE_URL",
  /** URL of the dead-letter queue of that queue. */
  deadLetterQueueUrl: "DEAD_LETTER_QUEUE_URL",
  /** How often a message is received at the most; on the last time the runtime gives it up itself, with its reason. */
  maxReceiveCount: "MAX_RECEIVE_COUNT",
  /** Days that the inbox remembers an event. */
  inboxDays: "INBOX_DAYS",
  /** Sender address, where the service sends e-mail. */
  emailFrom: "EMAIL_FROM",
  /** Name of the bucket of large events' data, where a topic of the service takes such. */
  claimCheckBucket: "CLAIM_CHECK_BUCKET",
  /** `DEBUG`, `INFO`, `WARN` or `ERROR`: what is logged at the least. */
  logLevel: "LOG_LEVEL",
} as const;
