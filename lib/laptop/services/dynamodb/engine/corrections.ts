import { asText, isRecord } from "../../../shared/json.ts";
import type { UpstreamAnswer } from "./transport.ts";

const WRONG_KEY = {
  __type: "com.amazon.coral.validate#ValidationException",
  message: "The provided key element does not match the schema",
};

/** Answers of dynoxide 1.2.1 that differ from DynamoDB's, put right. @param input reads the call's input */
export function corrected(
  operation: string,
  answer: UpstreamAnswer,
  input: () => Readonly<Record<string, unknown>>,
): UpstreamAnswer {
  // An item of a batch without its key gets the message of PutItem.
  if (operation === "BatchWriteItem" && answer.status === 400 && answer.body.includes(": Missing the key "))
    return { ...answer, body: Buffer.from(JSON.stringify(WRONG_KEY)) };
  // A transaction that writes has an empty answer for each of its statements.
  if (operation === "ExecuteTransaction" && answer.status === 200 && !reads(input()["TransactStatements"]))
    return { ...answer, body: Buffer.from(JSON.stringify({ Responses: [] })) };
  return answer;
}

/** A transaction either reads or writes. */
function reads(statements: unknown): boolean {
  const first: unknown = Array.isArray(statements) ? statements[0] : undefined;
  return isRecord(first) && /^\s*select/i.test(asText(first["Statement"]));
}
