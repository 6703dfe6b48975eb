const PREFIX = "AWS.SimpleQueueService.";

/** Errors that have another name in the Query protocol than in the JSON protocol (SQS API reference, "Errors" of each action). */
const QUERY_CODES: Readonly<Record<string, string>> = {
  BatchEntryIdsNotDistinct: `${PREFIX}BatchEntryIdsNotDistinct`,
  BatchRequestTooLong: `${PREFIX}BatchRequestTooLong`,
  EmptyBatchRequest: `${PREFIX}EmptyBatchRequest`,
  InvalidBatchEntryId: `${PREFIX}InvalidBatchEntryId`,
  MessageNotInflight: `${PREFIX}MessageNotInflight`,
  PurgeQueueInProgress: `${PREFIX}PurgeQueueInProgress`,
  QueueDeletedRecently: `${PREFIX}QueueDeletedRecently`,
  QueueDoesNotExist: `${PREFIX}NonExistentQueue`,
  QueueNameExists: "QueueAlreadyExists",
  TooManyEntriesInBatchRequest: `${PREFIX}TooManyEntriesInBatchRequest`,
  UnsupportedOperation: `${PREFIX}UnsupportedOperation`,
};

/** What the Query protocol calls an error of the JSON protocol. */
export function queryCode(code: string): string {
  return QUERY_CODES[code] ?? code;
}
