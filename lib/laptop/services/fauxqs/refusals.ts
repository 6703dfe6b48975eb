import type { buildApp } from "fauxqs";
import { AwsError } from "../../shared/aws-error.ts";
import { sendError } from "../../gateway/http.ts";

/**
 * Has fauxqs 2.4.1 refuse in AWS's terms what none of its own handlers refuses: a method that no API has, a body that is not what
 * its headers say. A failure that is not the caller's fault stays one.
 */
export function refuseAsAws(app: ReturnType<typeof buildApp>): void {
  app.setNotFoundHandler((request, reply) => {
    reply.hijack();
    const message = `${request.method} is not allowed against this resource.`;
    sendError(request.raw, reply.raw, new AwsError("MethodNotAllowed", message, 405));
  });
  app.setErrorHandler((error, request, reply) => {
    reply.hijack();
    sendError(request.raw, reply.raw, refusalOf(error));
  });
}

function refusalOf(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (!(error instanceof Error)) return new AwsError("InternalFailure", String(error), 500);
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
  return new AwsError(status < 500 ? "InvalidRequest" : "InternalFailure", error.message, status);
}
