import type { IncomingMessage } from "node:http";
import type { MessagingEngine } from "../fauxqs/fauxqs.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { parseObject } from "../../gateway/http.ts";
import { asText } from "../../shared/json.ts";
import type { SqsCall } from "./protocols.ts";

/** Has the engine do what was asked; the signature of the request names the region. @throws AwsError with SQS's own code */
export async function callEngine(
  engine: MessagingEngine,
  { name, input }: SqsCall,
  { headers }: IncomingMessage,
): Promise<Record<string, unknown>> {
  const { status, body } = await engine.callSqs(name, input, headers.authorization);
  const output = parseObject(body);
  if (status === 200) return output;
  const { __type: type, message } = output;
  if (typeof type === "string") throw new AwsError(type.slice(type.indexOf("#") + 1), asText(message), status);
  throw new AwsError("InternalFailure", `The engine failed at ${name}: ${asText(message)}`, 500);
}
