import type { IncomingMessage } from "node:http";

/** What of a request says what is asked. */
export type FormRequest = Pick<IncomingMessage, "method" | "url" | "headers">;

/**
 * The parameters of a call of the Query protocol, which may stand in the URL's query. Older clients post to the queue's own URL, and some
 * name it nowhere else. Read alike by SQS and by whoever decides whether the caller may do it.
 */
export function queryForm({ method, url = "/", headers }: FormRequest, body: Buffer): Map<string, string> {
  const [path = "/", query = ""] = url.split("?", 2);
  const form = new Map(new URLSearchParams(method === "GET" ? query : body.toString()));
  if (path !== "/" && !form.has("QueueUrl")) form.set("QueueUrl", `http://${headers.host ?? "localhost"}${path}`);
  return form;
}
