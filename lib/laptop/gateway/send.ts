import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { Answer } from "../services/call.ts";
import { AwsError } from "../shared/aws-error.ts";
import { messageOf } from "../shared/errors.ts";
import { xmlText } from "../shared/xml.ts";

/** Sends a whole answer. */
export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, status === 204 ? headers : { "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

/** An answer in JSON. */
export function jsonAnswer(status: number, body: unknown): Answer {
  return new Answer(status, JSON.stringify(body), { "content-type": "application/json", "x-amzn-requestid": randomUUID() });
}

/** The refusal of a request that came to no service: in XML where the request is a form, else in JSON. */
export function refusalAnswer(
  { code, message, status, members }: AwsError,
  { "content-type": type = "" }: IncomingHttpHeaders,
): Answer {
  if (type.startsWith("application/x-www-form-urlencoded"))
    return new Answer(status, errorXml(code, message), { "content-type": "text/xml" });
  const body = JSON.stringify({ __type: code, message, ...members });
  const headers = { "content-type": "application/json", "x-amzn-errortype": code, "x-amzn-requestid": randomUUID() };
  return new Answer(status, body, headers);
}

/** What was thrown while a call was answered, as a refusal. */
export function refusalFor(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  // JSON is read however deep it is; what goes through it afterwards has a call stack.
  if (thrown instanceof RangeError) return new AwsError("SerializationException", "The request body is nested too deeply.");
  return new AwsError("InternalFailure", messageOf(thrown), 500);
}

function errorXml(code: string, message: string): string {
  const error = `<Error><Type>Sender</Type><Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message></Error>`;
  return `<?xml version="1.0"?><ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}
