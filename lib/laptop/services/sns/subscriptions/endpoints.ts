import { isIPv4 } from "node:net";
import { AwsError } from "../../../shared/aws-error.ts";
import { invalidParameter } from "../refusals.ts";

/** What SNS delivers by: sns/latest/api/API_Subscribe. */
export const PROTOCOLS = ["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"];

/** Those whose endpoint has to agree first. */
const CONFIRMED_BY_ENDPOINT = ["http", "https", "email", "email-json"];

const PHONE_NUMBER = /^\+?\d+(?:[./-]\d+)*$/;

/** Whether a subscription waits until its endpoint has confirmed it. */
export function mustConfirm(protocol: string): boolean {
  return CONFIRMED_BY_ENDPOINT.includes(protocol);
}

export function isPhoneNumber(text: string): boolean {
  return PHONE_NUMBER.test(text);
}

/** Whether an endpoint by HTTP is on this machine; the laptop cloud calls no others. */
export function isOnThisMachine(endpoint: string): boolean {
  const { hostname } = URL.parse(endpoint) ?? { hostname: "" };
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || isLoopback(hostname);
}

function isLoopback(hostname: string): boolean {
  return isIPv4(hostname) && hostname.startsWith("127.");
}

/** Checks an endpoint by its protocol. @throws AwsError InvalidParameter */
export function checkEndpoint(protocol: string, endpoint: string, isFifoTopic: boolean): void {
  // sns/latest/dg/fifo-topic-message-delivery
  if (isFifoTopic && protocol !== "sqs" && PROTOCOLS.includes(protocol))
    throw invalidParameter("Endpoint Reason: FIFO topics deliver to SQS queues alone");
  switch (protocol) {
    case "sqs":
      if (!isArn("sqs", endpoint)) throw invalidParameter("SQS endpoint ARN");
      if (endpoint.endsWith(".fifo") && !isFifoTopic)
        // AWS's own message says it twice.
        throw invalidParameter(
          "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        );
      return;
    case "lambda":
      if (!isArn("lambda", endpoint)) throw invalidParameter("Lambda endpoint ARN");
      return;
    case "http":
    case "https":
      if (!endpoint.startsWith(`${protocol}://`) || URL.parse(endpoint) === null)
        throw invalidParameter("Endpoint must match the specified protocol");
      return;
    case "sms":
      if (!isPhoneNumber(endpoint)) throw new AwsError("InvalidParameter", `Invalid SMS endpoint: ${endpoint}`);
      return;
    case "email":
    case "email-json":
      if (!endpoint.includes("@")) throw invalidParameter("Email address");
      return;
    default:
      if (!PROTOCOLS.includes(protocol))
        throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
}

function isArn(service: string, endpoint: string): boolean {
  const [prefix, , ofService, ...rest] = endpoint.split(":");
  return prefix === "arn" && ofService === service && rest.length >= 3;
}
