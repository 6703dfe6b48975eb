import { createReadStream } from "node:fs";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { importLines, type ImportResult, type ImportSummary } from "#lib/ops/dead-letters/import-lines.ts";
import { readLines } from "#lib/ops/read-lines.ts";
import { explainFailure, onTarget } from "#lib/ops/target.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { keepsData } from "../confirm-change.ts";
import { lineNumber, targetFlags } from "../options.ts";
import { commonOptions, parseActionOptions } from "./options.ts";
import { confirmLetters } from "./confirm-letters.ts";
import { LetterProgress } from "./progress.ts";
import { findService, queuesOf } from "./service.ts";
import { letters } from "./wording.ts";

const importOptions = v.object({
  ...commonOptions,
  file: v.optional(v.string()),
  from: v.optional(lineNumber),
  yes: v.optional(v.boolean()),
});

/** A message has 1 MiB at most, and JSON escapes a byte with six characters at worst. AWSSimpleQueueService, "Message quotas" */
const LINE_BYTES = 6 * 1_048_576 + 65_536;

/** Lines shown that were not imported: with more, it is probably another file. */
const LINES_SHOWN = 50;

/**
 * `fanfare dlq import <service> --file <path>`: puts letters back into the dead-letter queues that `export` or `purge` took them
 * from. Exit code 1 if a line was not taken in; the lines before and after it are.
 */
export async function importLetters(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("import", importOptions, given);
  const { file, from } = options;
  if (file === undefined) throw new Error("which letters? Expected --file <path>, as export or purge wrote it");
  const definition = await findService(service);
  const signal = untilInterrupted();
  await onTarget(options, async (target) => {
    const sqs = new SQSClient(target.clients);
    const queues = await queuesOf(sqs, target, definition);
    if (keepsData(target) && !options.yes) {
      const what = `${letters(await countLines(file, from))} of ${file} will be put into ${queues.deadLetters.name}`;
      await confirmLetters(target, sqs, queues, false, what);
    }
    const progress = new LetterProgress("imported", 0);
    const all = readLines(open(file), LINE_BYTES);
    const summary = await importLines(all, { sqs, queues, from, signal, onResult: reporter(progress) }).finally(() =>
      progress.clear(),
    );
    report(summary, file);
    if (summary.imported > 0) console.error(`to look at them: npx fanfare dlq show ${definition.name}${targetFlags(options)}`);
    if (signal.aborted) throw new Error(`interrupted${goOn(summary)}`);
    if (summary.error === undefined || summary.stopped === undefined) return;
    const reason = explainFailure(summary.error, target);
    throw new Error(`${reason instanceof Error ? reason.message : String(reason)}${goOn(summary)}`);
  });
}

async function countLines(file: string, from = 1): Promise<number> {
  let count = 0;
  for await (const { number } of readLines(open(file), LINE_BYTES)) if (number >= from) count++;
  return count;
}

function reporter(progress: LetterProgress): (result: ImportResult) => void {
  let shown = 0;
  return (result) => {
    if (result.outcome === "imported") return progress.advance();
    if (shown++ < LINES_SHOWN) progress.note(`line ${result.line} ${result.outcome}: ${result.error.message}`);
    else if (shown === LINES_SHOWN + 1) progress.note("… and so on");
  };
}

function report({ imported, refused, failed }: ImportSummary, file: string): void {
  console.log(`${letters(imported)} imported`);
  if (refused > 0) console.log(`${lines(refused)} of ${file} refused: no letters of this service`);
  if (failed > 0)
    console.log(`${lines(failed)} of ${file} not confirmed by SQS: look whether they are there before another try`);
  if (refused + failed > 0) process.exitCode = 1;
}

function lines(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "line" : "lines"}`;
}

function goOn({ stopped }: ImportSummary): string {
  return stopped === undefined ? "" : `: stopped before line ${stopped}; to go on: --from ${stopped}`;
}

async function* open(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield Buffer.from(chunk);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new Error(`there is no file ${path}`, { cause: error });
    throw error;
  }
}
