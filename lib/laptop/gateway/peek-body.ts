import { once } from "node:events";
import type { IncomingMessage } from "node:http";

/** The whole body of a request, which stays there for whoever reads it next. */
export async function peekBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const expected = Number(request.headers["content-length"] ?? 0);
  for (let size = 0; size < expected;) {
    const chunk: unknown = request.read();
    if (Buffer.isBuffer(chunk)) {
      chunks.push(chunk);
      size += chunk.length;
    } else {
      if (request.destroyed || request.readableEnded) break;
      await Promise.race([once(request, "readable"), once(request, "close")]);
    }
  }
  const body = Buffer.concat(chunks);
  // Put back before the stream has told that it has ended: it then begins anew.
  if (body.length > 0) request.unshift(body);
  return body;
}
