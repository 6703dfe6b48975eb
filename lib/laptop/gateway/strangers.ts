import type { IncomingMessage } from "node:http";
import { AwsError } from "../shared/aws-error.ts";

/**
 * Refuses what a page of another site can send to loopback: under a name of the site's own (DNS rebinding), or by a plain form, an image
 * or a fetch, which the browser marks with Origin or Sec-Fetch-Site.
 *
 * @throws AwsError AccessDenied
 */
export function refuseStrangers({ headers }: IncomingMessage): void {
  const { host = "", origin } = headers;
  if (!isLoopback(host))
    throw new AwsError("AccessDenied", `This cloud answers on 127.0.0.1 and localhost, not as ${host}.`, 403);
  if (origin !== undefined && origin !== `http://${host}`)
    throw new AwsError("AccessDenied", `Calls from ${origin} are refused.`, 403);
  if (headers["sec-fetch-site"] === "cross-site")
    throw new AwsError("AccessDenied", "Calls from pages of other sites are refused.", 403);
}

function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\]|([a-z0-9_-]+\.)+localhost)(:\d+)?$/i.test(host);
}
