import { createReadStream } from "node:fs";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { importLetter, parseExportLine, queueOf } from "#lib/ops/dead-letters/import-letter.ts";
import type { ServiceQueues } from "#lib/ops/dead-letters/queues.ts";
import { OpsError } from "#lib/ops/errors.ts";
import { type Line, readLines } from "#lib/ops/read-lines.ts";
import { explainFailure, onTarget } from "#lib/ops/target.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { targetFlags } from "../options.ts";
import { commonOptions, parseActionOptions } from "./options.ts";
import { confirmLetters } from "./confirm-letters.ts";
import { LetterProgress } from "./progress.ts";
import { findService, queuesOf } from "./service.ts";
import { letters } from "./wording.ts";

const importOptions = v.object({ ...commonOptions, file: v.optional(v.string()), yes: v.optional(v.boolean()) });

/** A message has 1 MiB at most, and JSON escapes a byte with six characters at worst. AWSSimpleQueueService, "Message quotas" */
const LINE_BYTES = 6 * 1_048_576 + 65_536;

/**
 * `fanfare dlq import <service> --file <path>`: puts letters back into the dead-letter queues that `export` or `purge` took them
 * from. Exit code 1 if a line was not taken in; the lines before and after it are.
 */
export async function importLetters(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("import", importOptions, given);
  const { file } = options;
  if (file === undefined) throw new Error("which letters? Expected --file <path>, as export or purge wrote it");
  const definition = await findService(service);
  const signal = untilInterrupted();
  await onTarget(options, async (target) => {
    const sqs = new SQSClient(target.clients);
    const queues = await queuesOf(sqs, target, definition);
    await confirmLetters(
      target,
      sqs,
      queues,
      options.yes,
      `the letters of ${file} will be put into ${queues.deadLetters.name}`,
    );
    const progress = new LetterProgress("imported", 0);
    const counts = { imported: 0, refused: 0, line: 0 };
    try {
      for await (const line of readLines(open(file), LINE_BYTES)) {
        if (signal.aborted) break;
        counts.line = line.number;
        const fault = await take(sqs, line, queues);
        if (fault === undefined) {
          counts.imported++;
          progress.advance();
        } else {
          counts.refused++;
          progress.note(`line ${line.number}: ${fault}`);
        }
      }
    } catch (error) {
      progress.clear();
      console.error(`${letters(counts.imported)} of ${file} imported, up to line ${counts.line}`);
      throw explainFailure(error, target);
    }
    progress.clear();
    console.log(`${letters(counts.imported)} imported`);
    if (counts.imported > 0) console.error(`to look at them: npx fanfare dlq show ${definition.name}${targetFlags(options)}`);
    if (counts.refused > 0) throw new Error(`${counts.refused} of the lines of ${file} were not imported`);
    if (signal.aborted) throw new Error(`interrupted after line ${counts.line} of ${file}: what follows is not imported`);
  });
}

/** Imports one line. Returns why it cannot be imported. @throws the SDK's error when SQS refuses or does not answer */
async function take(sqs: SQSClient, line: Line, queues: ServiceQueues): Promise<string | undefined> {
  try {
    if (line.text === undefined) return line.problem ?? "cannot be read";
    const letter = parseExportLine(line.text);
    await importLetter(sqs, letter, queueOf(letter, queues));
    return undefined;
  } catch (error) {
    if (error instanceof OpsError) return error.message;
    throw error;
  }
}

async function* open(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path)) yield Buffer.from(chunk);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new Error(`there is no file ${path}`, { cause: error });
    throw error;
  }
}
