import type { SNSClient } from "@aws-sdk/client-sns";
import { createEnvelope } from "../../contracts/envelope.ts";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import type { ClaimCheck } from "../../runtime/publish/claim-check.ts";
import type { Upload } from "../../runtime/publish/event-message.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { toError } from "../../runtime/errors.ts";
import { prepareMessages } from "../../runtime/publish/prepare-message.ts";
import { type OutgoingMessage, sendAll, type SendResult } from "../../runtime/publish/send.ts";
import { Failures } from "../failures.ts";
import { jsonFault } from "../json-fault.ts";
import { batches, type Full } from "../batches.ts";
import type { Line } from "../read-lines.ts";

/** Lines sent together: enough for the sender's parallel requests, few enough for memory, in which each is held several times. */
const AT_ONCE: Full<Line> = { items: 80, weight: 262_144, weigh: ({ text = "" }) => text.length };

/** Concurrent uploads of large events' data to S3. */
const UPLOADS_AT_ONCE = 8;

/** The result of one line: published, refused by the contract, or failed at SNS. */
export type LineResult =
  | { readonly line: number; readonly outcome: "published"; readonly eventId: string }
  | { readonly line: number; readonly outcome: "refused" | "failed"; readonly reason: string; readonly text: string };

/** How many lines ended in each way. */
export interface PublishSummary {
  readonly published: number;
  readonly refused: number;
  readonly failed: number;
  /** Why it ended before the last line, unless it was interrupted. */
  readonly error?: Error;
  /** The first line that was not tried, if it ended before the last line. */
  readonly stopped?: number;
}

export interface PublishLinesOptions {
  readonly event: AnyEventDefinition;
  readonly topicArn: string;
  readonly sns: Pick<SNSClient, "send">;
  /** Every event's `source`. */
  readonly source: string;
  /** The event's id. @default - a random UUID each */
  readonly idOf?: ((line: Line) => string | undefined) | undefined;
  /** The first line to publish. @default 1 */
  readonly from?: number | undefined;
  /** Ends it after the lines that are being sent. */
  readonly signal?: AbortSignal | undefined;
  /** For a topic with `largeEvents`. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck | undefined;
  /** Called once per line, in the order of the lines. */
  readonly onResult: (result: LineResult) => Promise<void> | void;
}

/**
 * Publishes an event for every line of JSON, without holding all of them in memory. A line that breaks the contract is refused
 * without affecting the others, unlike {@link createPublisher}, which sends all or none.
 */
export async function publishLines(lines: AsyncIterable<Line>, options: PublishLinesOptions): Promise<PublishSummary> {
  const counts = { published: 0, refused: 0, failed: 0 };
  const failures = new Failures();
  const chosen = linesFrom(lines, options.from ?? 1);
  for await (const batch of batches(chosen, AT_ONCE)) {
    if (options.signal?.aborted) return { ...counts, stopped: batch[0].number };
    if (failures.end) return { ...counts, error: failures.end, stopped: batch[0].number };
    const results = await sendPrepared(
      options.sns,
      batch.map((line) => prepare(line, options)),
    );
    for (const { result } of results) {
      counts[result.outcome]++;
      await options.onResult(result);
    }
    for (const { result, error } of results) if (result.outcome !== "refused") failures.note(error);
  }
  return { ...counts, ...(failures.end && { error: failures.end }) };
}

async function* linesFrom(lines: AsyncIterable<Line>, first: number): AsyncGenerator<Line> {
  for await (const line of lines) if (line.number >= first) yield line;
}

/** A line that is ready to be sent, or was refused. */
type Prepared = { readonly line: Line } & (
  | { readonly eventId: string; readonly messages: readonly OutgoingMessage[]; readonly uploads: readonly Upload[] }
  | { readonly reason: string }
);

function prepare(line: Line, { event, topicArn, source, idOf, claimCheck }: PublishLinesOptions): Prepared {
  if (line.text === undefined) return { line, reason: line.problem ?? "cannot be read" };
  try {
    const data: unknown = JSON.parse(line.text);
    const id = idOf?.(line);
    const envelope = createEnvelope(event, data, { source, ...(id !== undefined && { id }) });
    const prepared = prepareMessages(event, envelope, claimCheck);
    const messages = prepared.map(({ message }) => ({ topicArn, ...message }));
    return { line, eventId: envelope.id, messages, uploads: prepared.flatMap(({ upload }) => upload ?? []) };
  } catch (error) {
    if (error instanceof SyntaxError) return { line, reason: `not JSON: ${jsonFault(error)}` };
    if (error instanceof Error) return { line, reason: error.message };
    throw error;
  }
}

/** Sends what can be sent; the results are in the order of the lines. */
async function sendPrepared(
  sns: Pick<SNSClient, "send">,
  batch: readonly Prepared[],
): Promise<{ result: LineResult; error?: Error }[]> {
  const results = await uploadAndSend(
    sns,
    batch.filter((prepared) => "messages" in prepared),
  );
  return batch.map((prepared) => {
    const { number: line, text = "" } = prepared.line;
    if ("reason" in prepared) return { result: { line, outcome: "refused", reason: prepared.reason, text } };
    const result = results.get(prepared.line)!;
    if ("messageId" in result) return { result: { line, outcome: "published", eventId: prepared.eventId } };
    return { result: { line, outcome: "failed", reason: result.error.message, text }, error: result.error };
  });
}

/** Sends the messages of lines, each after the data that it refers to; the results by line: a failed message's, if there is one. */
async function uploadAndSend(
  sns: Pick<SNSClient, "send">,
  sendable: readonly Extract<Prepared, { messages: unknown }>[],
): Promise<Map<Line, SendResult>> {
  const uploaded = await mapLimited(sendable, UPLOADS_AT_ONCE, async ({ uploads }): Promise<Error | undefined> => {
    try {
      await Promise.all(uploads.map((upload) => upload()));
      return undefined;
    } catch (error) {
      return toError(error);
    }
  });
  const ready = sendable.filter((_, index) => uploaded[index] === undefined);
  const messages = ready.flatMap((prepared) => prepared.messages);
  const sent = await sendAll(sns, messages);
  const byMessage = new Map(messages.map((message, index) => [message, sent[index]!]));
  const results = new Map(
    ready.map(({ line, messages: own }) => [line, worstOf(own.map((message) => byMessage.get(message)!))]),
  );
  for (const [index, { line }] of sendable.entries()) if (uploaded[index]) results.set(line, { error: uploaded[index] });
  return results;
}

/** The first result that failed, or the first of all: an event is published when every version of it is. */
function worstOf(results: readonly SendResult[]): SendResult {
  return results.find((result) => "error" in result) ?? results[0]!;
}
