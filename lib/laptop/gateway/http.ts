import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../shared/aws-error.ts";
import { messageOf } from "../shared/errors.ts";
import { isRecord } from "../shared/json.ts";
import { xmlText } from "../shared/xml.ts";

/** The whole body of a request. @throws AwsError (413) where it is over the limit, in bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  refuseLarge(request, limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners("data").resume();
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

/** @throws AwsError (413) where a request announces a body of more than `limit` bytes; one that announces none passes. */
export function refuseLarge({ headers }: IncomingMessage, limit: number): void {
  if (Number(headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
}

/** The refusal of a body over `limit` bytes. */
function tooLarge(limit: number): AwsError {
  return new AwsError("RequestEntityTooLargeException", `The request body is larger than ${limit} bytes.`, 413);
}

/** The body as a JSON object. @throws AwsError (SerializationException) where it is none. */
export function parseObject(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString());
    if (isRecord(value)) return value;
  } catch {
    // Answered below, as any other body that is no object.
  }
  throw new AwsError("SerializationException", "The request body is not a JSON object.");
}

/** Answers with JSON, under the content type that the protocol asks for. */
export function sendJson(response: ServerResponse, status: number, body: unknown, contentType = "application/json"): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
    "x-amzn-requestid": randomUUID(),
  });
  response.end(text);
}

/** What was thrown while a call was answered, as a refusal. */
export function refusalFor(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  // JSON is read however deep it is; what goes through it afterwards has a call stack.
  if (thrown instanceof RangeError) return new AwsError("SerializationException", "The request body is nested too deeply.");
  return new AwsError("InternalFailure", messageOf(thrown), 500);
}

/** Answers with an error in the protocol of the call: JSON where it has a target or a JSON body, else XML. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: AwsError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (speaksXml(request)) return sendXml(response, error.status, xmlOf(error, isForS3(request)));
  response.setHeader("x-amzn-errortype", error.code);
  sendJson(response, error.status, { __type: error.code, message: error.message, ...error.members });
}

/** Answers with XML. */
export function sendXml(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/xml", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** An error as the Query protocol writes it, and S3 with a root of its own (S3 API reference, "REST error responses"). */
function xmlOf({ code, message, status }: AwsError, forS3: boolean): string {
  const reason = `<Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message>`;
  const id = `<RequestId>${randomUUID()}</RequestId>`;
  if (forS3) return `<?xml version="1.0"?><Error>${reason}${id}</Error>`;
  const type = `<Type>${status < 500 ? "Sender" : "Receiver"}</Type>`;
  return `<?xml version="1.0"?><ErrorResponse><Error>${type}${reason}</Error>${id}</ErrorResponse>`;
}

function speaksXml({ headers }: IncomingMessage): boolean {
  const { "content-type": type = "", authorization = "" } = headers;
  if (headers["x-amz-target"] !== undefined) return false;
  return type.startsWith("application/x-www-form-urlencoded") || /\/(s3|sqs|sns|sts)\/aws4_request/.test(authorization);
}

function isForS3({ headers }: IncomingMessage): boolean {
  return headers.authorization?.includes("/s3/aws4_request") ?? false;
}
