import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord } from "./json.ts";

/** An answer that refuses a call, in AWS's terms. The gateway writes it in the protocol that the caller speaks. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;
  /** Members beside the message, such as CancellationReasons. */
  readonly members: Readonly<Record<string, unknown>>;

  /** `code` is AWS's name of the exception; `status` the HTTP status that goes with it. */
  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** The whole body of a request. @throws AwsError (413) where it is over the limit, in bytes. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
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

/** The refusal of a body over `limit` bytes. */
export function tooLarge(limit: number): AwsError {
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

/** Answers with an error in the protocol of the call: JSON where it has a target or a JSON body, else XML. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: AwsError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (speaksXml(request)) {
    const message = error.message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const text = `<ErrorResponse><Error><Type>Sender</Type><Code>${error.code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
    response.writeHead(error.status, { "content-type": "text/xml", "content-length": Buffer.byteLength(text) });
    response.end(text);
    return;
  }
  response.setHeader("x-amzn-errortype", error.code);
  sendJson(response, error.status, { __type: error.code, message: error.message, ...error.members });
}

function speaksXml({ headers }: IncomingMessage): boolean {
  const { "content-type": type = "", authorization = "" } = headers;
  return type.startsWith("application/x-www-form-urlencoded") || authorization.includes("/s3/aws4_request");
}
