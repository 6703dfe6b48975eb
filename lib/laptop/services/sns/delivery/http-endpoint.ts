import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** How long an endpoint may take to answer: sns/latest/dg/sns-message-delivery-retries. */
const TIMEOUT_MILLISECONDS = 15_000;

/** What SNS posts to an HTTP endpoint. */
export interface Post {
  readonly type: "Notification" | "SubscriptionConfirmation" | "UnsubscribeConfirmation";
  readonly messageId: string;
  readonly topicArn: string;
  readonly subscriptionArn?: string;
  readonly isRaw?: boolean;
  readonly contentType: string;
  readonly body: string;
}

/** What became of a post: a refusal is for good, a failure may pass. */
export type PostResult = "delivered" | "refused" | "failed";

/** Posts to an endpoint, with the headers of sns/latest/dg/http-header. */
export function post(endpoint: string, message: Post): Promise<PostResult> {
  const { promise, resolve } = Promise.withResolvers<PostResult>();
  const body = Buffer.from(message.body);
  const send = endpoint.startsWith("https:") ? httpsRequest : httpRequest;
  const options = { method: "POST", headers: headersOf(message, body), timeout: TIMEOUT_MILLISECONDS };
  let request: ClientRequest;
  try {
    request = send(endpoint, options, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(resultOf(answer.statusCode ?? 0)));
      answer.once("error", () => resolve("failed"));
    });
  } catch {
    // Node refuses the URL or a header: no later try would go better.
    return Promise.resolve("refused");
  }
  request.once("timeout", () => request.destroy(new Error("timeout")));
  request.once("error", () => resolve("failed"));
  request.end(body);
  return promise;
}

function headersOf(message: Post, body: Buffer): Record<string, string> {
  const { type, messageId, topicArn, subscriptionArn, isRaw = false, contentType } = message;
  return {
    "x-amz-sns-message-type": type,
    "x-amz-sns-message-id": messageId,
    "x-amz-sns-topic-arn": topicArn,
    ...(subscriptionArn !== undefined && { "x-amz-sns-subscription-arn": subscriptionArn }),
    ...(isRaw && { "x-amz-sns-rawdelivery": "true" }),
    "content-type": contentType,
    "content-length": String(body.length),
    "user-agent": "Amazon Simple Notification Service Agent",
    "accept-encoding": "gzip,deflate",
  };
}

/** 4xx is the endpoint's refusal, except 429. */
function resultOf(status: number): PostResult {
  if (status >= 200 && status < 300) return "delivered";
  return status >= 400 && status < 500 && status !== 429 ? "refused" : "failed";
}
