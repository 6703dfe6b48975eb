import type { IncomingMessage } from "node:http";
import type { WireRequest } from "../services/call.ts";
import { wireRequest } from "../services/wire-request.ts";
import { AwsError } from "../shared/aws-error.ts";

/** After how long without a byte a body has stalled. */
const STALL_MILLISECONDS = 1_000;

/** A request with its whole body. @throws AwsError (413) where the body is larger than `limit` bytes */
export async function readRequest(request: IncomingMessage, limit: number, onStall: () => void): Promise<WireRequest> {
  const { method = "GET", url = "/", headers } = request;
  return wireRequest(method, url, headers, await readBody(request, limit, onStall));
}

/** The whole body of a request. @throws AwsError (413) where it is larger than `limit` bytes */
export async function readBody(request: IncomingMessage, limit: number, onStall: () => void = () => {}): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stall = setTimeout(onStall, STALL_MILLISECONDS).unref();
    request.on("data", (chunk: Buffer) => {
      stall.refresh();
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners("data").resume();
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    });
    request.on("end", () => {
      clearTimeout(stall);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    request.on("error", reject);
    request.on("close", () => {
      clearTimeout(stall);
      if (!request.complete)
        reject(new AwsError("RequestTimeout", "The connection was closed before the whole body had come."));
    });
  });
}

/** The refusal of a body over `limit` bytes. */
export function tooLarge(limit: number): AwsError {
  return new AwsError("RequestEntityTooLargeException", `The request body is larger than ${limit} bytes.`, 413);
}
