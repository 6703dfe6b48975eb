import { AwsError } from "../../../shared/aws-error.ts";
import type { QueryError } from "../../protocols/query-protocol.ts";

const PREFIX = "AWS.SimpleQueueService.";

/** Errors that have another code in the Query protocol than in the JSON protocol (SQS API reference, "Errors" of each action). */
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

/** Errors whose type in the JSON protocol is another than their code, as recorded of AWS. */
const JSON_TYPES: Readonly<Record<string, string>> = {
  InvalidParameterValue: "InvalidParameterValueException",
  MissingParameter: "MissingRequiredParameterException",
};

const NO_QUEUE = "The specified queue does not exist";

/** How the Query protocol puts an error of SQS. */
export function queryError({ code, message }: AwsError): QueryError {
  const own = code === "QueueDoesNotExist" ? `${NO_QUEUE} for this wsdl version.` : message;
  return { code: QUERY_CODES[code] ?? code, message: own };
}

/** What the JSON protocol calls the type of an error. */
export function errorType(code: string): string {
  return `com.amazonaws.sqs#${JSON_TYPES[code] ?? code}`;
}

export function noSuchQueue(): AwsError {
  return new AwsError("QueueDoesNotExist", `${NO_QUEUE}.`);
}

export function missingParameter(name: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${name}.`);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}

export function overLimit(message: string): AwsError {
  return new AwsError("OverLimit", message, 403);
}

/** A parameter that only queues of the other type take. */
export function notForThisType(parameter: string, value: string | number): AwsError {
  return invalidValue(value, parameter, "The request include parameter that is not valid for this queue type.");
}

/** An invalid parameter in the words that most have in common. */
export function invalidValue(value: string | number, parameter: string, reason: string): AwsError {
  return invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

/** A text that no receive has handed out. */
export function invalidHandle(handle: string): AwsError {
  return new AwsError("ReceiptHandleIsInvalid", `The input receipt handle "${handle}" is not a valid receipt handle.`);
}
