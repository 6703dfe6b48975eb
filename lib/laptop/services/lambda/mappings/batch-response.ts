/** Something that a function's answer names by its id. */
interface Identified {
  readonly messageId: string;
}

/** What a function's answer says about its batch. */
export type BatchOutcome<Message extends Identified> =
  | { readonly kind: "settled"; readonly handled: readonly Message[] }
  /** The answer is not what Lambda expects, so the whole batch counts as failed; `why` is one line. */
  | { readonly kind: "malformed"; readonly why: string };

/**
 * Reads the answer of a function with ReportBatchItemFailures.
 * No answer, and no or an empty list, mean that all messages were handled.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, "Success and failure conditions".
 */
export function readBatchResponse<Message extends Identified>(
  answer: unknown,
  messages: readonly Message[],
): BatchOutcome<Message> {
  if (answer === null || answer === undefined) return { kind: "settled", handled: messages };
  if (typeof answer !== "object" || Array.isArray(answer)) {
    return malformed(`is ${Array.isArray(answer) ? "an array" : `a ${typeof answer}`}, expected { batchItemFailures: [] }`);
  }
  const failures: unknown = "batchItemFailures" in answer ? answer.batchItemFailures : undefined;
  if (failures === null || failures === undefined) return { kind: "settled", handled: messages };
  if (!Array.isArray(failures)) return malformed(`has batchItemFailures of type ${typeof failures}, expected an array`);
  return withoutFailures(failures, messages);
}

function withoutFailures<Message extends Identified>(
  failures: readonly unknown[],
  messages: readonly Message[],
): BatchOutcome<Message> {
  const handled = new Map(messages.map((message) => [message.messageId, message]));
  const known = new Set(handled.keys());
  for (const [index, failure] of failures.entries()) {
    const id = itemIdentifier(failure);
    if (id === undefined) return malformed(`has no itemIdentifier in batchItemFailures[${index}], expected a message id`);
    if (!known.has(id)) return malformed(`names "${id}" in batchItemFailures[${index}], which is no message of the batch`);
    handled.delete(id);
  }
  return { kind: "settled", handled: [...handled.values()] };
}

function itemIdentifier(failure: unknown): string | undefined {
  if (typeof failure !== "object" || failure === null || !("itemIdentifier" in failure)) return undefined;
  const id = failure.itemIdentifier;
  return typeof id === "string" && id !== "" ? id : undefined;
}

function malformed(what: string): { readonly kind: "malformed"; readonly why: string } {
  return { kind: "malformed", why: `the answer ${what}` };
}
