import type { EndedInvocation } from "./async-invocations.ts";
import type { MessageAttributes } from "../../delivery.ts";
import type { HandOver } from "../../hand-over.ts";
import { messageOf } from "../../../shared/errors.ts";

/** The longest ErrorMessage of a dead letter, in characters: Lambda gives its first kilobyte. */
const LONGEST_ERROR = 1_024;

/**
 * Hands the end of an asynchronous invocation to whom it concerns: the destination for its condition, and the function's dead-letter
 * queue where it failed. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 *
 * @param notice is given one line for a person: an event that nobody took, a destination that refuses
 */
export async function passOn(ended: EndedInvocation, handOver: HandOver, notice: (line: string) => void): Promise<void> {
  const { name } = ended.target.deployed.config;
  const letters = lettersOf(ended);
  if (letters.length === 0 && ended.condition !== "Success")
    notice(`${name}: an asynchronous event was dropped after ${attempts(ended)}: ${errorOf(ended)}`);
  for (const { to, event, attributes } of letters) {
    try {
      await handOver.give({ functionName: name }, to, { event, subject: "Lambda", ...(attributes && { attributes }) });
    } catch (error) {
      notice(`${name}: ${to} does not take the outcome of an asynchronous event: ${messageOf(error)}`);
    }
  }
}

/** What is sent, and the ARN that it is sent to. */
interface Letter {
  readonly to: string;
  readonly event: unknown;
  readonly attributes?: MessageAttributes;
}

function lettersOf(ended: EndedInvocation): Letter[] {
  const { config, target, payload, condition } = ended;
  const { deadLetterTarget } = target.deployed;
  const destination = condition === "Success" ? config.onSuccess : config.onFailure;
  const letters: Letter[] = destination === undefined ? [] : [{ to: destination, event: recordOf(ended) }];
  if (condition !== "Success" && deadLetterTarget !== undefined)
    letters.push({ to: deadLetterTarget, event: payload, attributes: deadLetterAttributes(ended) });
  return letters;
}

function attempts({ attempts: count }: EndedInvocation): string {
  return count === 1 ? "1 attempt" : `${count} attempts`;
}

/** What a destination is given. */
function recordOf(ended: EndedInvocation): object {
  const { target, requestId, payload, condition, attempts, result } = ended;
  const wasRun = result.ok || result.reason !== "throttled";
  return {
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId,
      functionArn: `${target.deployed.config.arn}:${target.qualifier}`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: payload,
    ...(wasRun && {
      responseContext: { statusCode: 200, executedVersion: target.version, ...(!result.ok && { functionError: "Unhandled" }) },
      responsePayload: result.ok ? result.payload : { errorType: result.errorType, errorMessage: result.errorMessage },
    }),
  };
}

/** What a dead letter says besides the event. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
function deadLetterAttributes(ended: EndedInvocation): MessageAttributes {
  const { requestId, result } = ended;
  return {
    RequestID: { DataType: "String", StringValue: requestId },
    ErrorCode: { DataType: "Number", StringValue: !result.ok && result.reason === "throttled" ? "429" : "200" },
    ErrorMessage: { DataType: "String", StringValue: errorOf(ended).slice(0, LONGEST_ERROR) || "unknown" },
  };
}

function errorOf({ result }: EndedInvocation): string {
  return result.ok ? "" : result.errorMessage;
}
