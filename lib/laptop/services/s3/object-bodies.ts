import type { IncomingMessage } from "node:http";
import type { buildApp } from "fauxqs";

/** Every type that fauxqs reads as bytes. */
const BYTES = "application/octet-stream";

/**
 * Has fauxqs 2.4.1 take an object as the bytes that it is. It would parse one of the types that SNS and SQS speak, which is the type
 * that curl gives every body, and fail at one of no bytes.
 */
export function takeObjectsAsBytes(app: ReturnType<typeof buildApp>): void {
  const types = new WeakMap<IncomingMessage, string | undefined>();
  app.addHook("onRequest", ({ url, headers, raw }, _reply, done) => {
    if (isOfBucket(url)) {
      types.set(raw, headers["content-type"]);
      headers["content-type"] = BYTES;
    }
    done();
  });
  // The object keeps its own type, which is read from the header when its body has been.
  app.addHook("preHandler", (request, _reply, done) => {
    const { url, headers, raw } = request;
    if (isOfBucket(url)) {
      const type = types.get(raw);
      if (type === undefined) delete headers["content-type"];
      else headers["content-type"] = type;
      request.body ??= Buffer.alloc(0);
    }
    done();
  });
}

/** SNS, SQS and STS are called at `/`, where S3 has nothing but the list of buckets. */
function isOfBucket(url: string): boolean {
  return !/^\/($|\?)/.test(url);
}
