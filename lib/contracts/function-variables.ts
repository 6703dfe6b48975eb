/**
 * Names of the environment variables of a service's function: the constructs set them, the runtime reads them. Besides these
 * there is one for the ARN of each topic that the service publishes to, see `topicVariable`, and one for each of its secrets.
 */
export const functionVariables = {
  /** Name of the service. */
  service: "SERVICE_NAME",
  /** Version of the code: the first 12 hexadecimal digits of the bundle's hash. */
  version: "SERVICE_VERSION",
  /** Name of the stage. */
  stage: "STAGE",
  /** Name of the service's table. */
  table: "TABLE_NAME",
  /** URL of the service's queue. */
  queueUrl: "QUEUE_URL",
  /** URL of the dead-letter queue of that queue. */
  deadLetterQueueUrl: "DEAD_LETTER_QUEUE_URL",
  /** Receives of a message that may come to no end; then it is dead, for it has ended the function's process each time. */
  maxReceiveCount: "MAX_RECEIVE_COUNT",
  /** Days that the inbox remembers an event. */
  inboxDays: "INBOX_DAYS",
  /** Sender address, if the service sends e-mail. */
  emailFrom: "EMAIL_FROM",
  /** Name of the bucket for large events' data, if a topic of the service takes large events. */
  claimCheckBucket: "CLAIM_CHECK_BUCKET",
  /** Where spans are sent by OTLP, if the stage is traced: OpenTelemetry's own name for it. */
  tracesEndpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  /** Lowest level that is logged: `DEBUG`, `INFO`, `WARN` or `ERROR`. */
  logLevel: "LOG_LEVEL",
} as const;

/** The variable with the name of the SSM parameter that holds a secret; the value itself is in no variable. */
export function secretVariable(secret: string): string {
  return `${secret}_PARAMETER`;
}
