/** What the runtime needs of SQS when something fails, in a file beside the bundle: see `LATER` in lib/constructs/function/later.ts. */
export { ChangeMessageVisibilityCommand, DeleteMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
