import type { SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { toError } from "../../runtime/errors.ts";
import { batches, type Full } from "../batches.ts";
import { OpsError } from "../errors.ts";
import { Failures } from "../failures.ts";
import type { Line } from "../read-lines.ts";
import { importLetter, parseExportLine, queueOf } from "./import-letter.ts";
import type { ServiceQueues } from "./queues.ts";

/** Letters imported together, few enough for memory: a body may have a megabyte. A FIFO queue keeps the order in which they are sent. */
function atOnce(isFifo: boolean): Full<Line> {
  return { items: isFifo ? 1 : BATCH_ENTRIES, weight: 4 * 1_048_576, weigh: ({ text = "" }) => text.length };
}

/** The result of one line: imported, refused as no letter of the service, or not confirmed by SQS. */
export type ImportResult =
  | { readonly line: number; readonly outcome: "imported" }
  | { readonly line: number; readonly outcome: "refused" | "failed"; readonly error: Error };

/** How many lines ended in each way. */
export interface ImportSummary {
  readonly imported: number;
  readonly refused: number;
  readonly failed: number;
  /** Why it ended before the last line, unless it was interrupted. */
  readonly error?: Error;
  /** The line to go on with, if it ended before the last line. */
  readonly stopped?: number;
}

export interface ImportOptions {
  readonly sqs: Pick<SQSClient, "send">;
  readonly queues: ServiceQueues;
  /** The first line to import. @default 1 */
  readonly from?: number | undefined;
  /** Ends it after the lines that are being imported. */
  readonly signal: AbortSignal;
  /** Called once per line, in the order of the lines. */
  readonly onResult: (result: ImportResult) => void;
}

/**
 * Puts exported letters into the dead-letter queues that they came from, without holding all of them in memory. A line that is
 * refused, or that SQS does not take, does not affect the others; but on a FIFO queue nothing overtakes what SQS does not take.
 */
export async function importLines(lines: AsyncIterable<Line>, options: ImportOptions): Promise<ImportSummary> {
  const { queues, from = 1, signal, onResult } = options;
  const counts = { imported: 0, refused: 0, failed: 0 };
  const failures = new Failures();
  const isFifo = isFifoName(queues.deadLetters.name);
  for await (const batch of batches(lines, atOnce(isFifo))) {
    const chosen = batch.filter(({ number }) => number >= from);
    const [first] = chosen;
    if (!first) continue;
    if (signal.aborted) return { ...counts, stopped: first.number };
    if (failures.end) return { ...counts, error: failures.end, stopped: first.number };
    for (const result of await mapLimited(chosen, BATCH_ENTRIES, (line) => take(line, options))) {
      counts[result.outcome]++;
      if (result.outcome !== "refused") failures.note(result.outcome === "failed" ? result.error : undefined);
      onResult(result);
      if (isFifo && result.outcome === "failed") return { ...counts, error: result.error, stopped: result.line };
    }
  }
  return { ...counts, ...(failures.end && { error: failures.end }) };
}

async function take({ number, text, problem }: Line, { sqs, queues }: ImportOptions): Promise<ImportResult> {
  try {
    if (text === undefined) throw new OpsError(problem ?? "cannot be read");
    const letter = parseExportLine(text);
    await importLetter(sqs, letter, queueOf(letter, queues));
    return { line: number, outcome: "imported" };
  } catch (thrown) {
    const error = toError(thrown);
    return { line: number, outcome: error instanceof OpsError ? "refused" : "failed", error };
  }
}
