import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { exportLine } from "#lib/ops/dead-letters/export-line.ts";
import { Selection } from "#lib/ops/dead-letters/select.ts";
import { receiveLetters } from "#lib/ops/dead-letters/receive.ts";
import { onTarget } from "#lib/ops/target.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { createLettersFile } from "./letters-file.ts";
import { choiceOptions, commonOptions, parseActionOptions } from "./options.ts";
import { LetterProgress, totalOf } from "./progress.ts";
import { chosenQueues, findService, queuesOf } from "./service.ts";
import { reportUnseen, warnHidden, warnLost, warnUnseen } from "./warnings.ts";
import { letters } from "./wording.ts";
import { writeOut } from "../../terminal/write-out.ts";

const exportOptions = v.object({ ...commonOptions, ...choiceOptions, file: v.optional(v.string()) });

/** `fanfare dlq export <service>`: writes letters as NDJSON to a file or standard output, without removing them. */
export async function exportLetters(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("export", exportOptions, given);
  const definition = await findService(service);
  const selection = new Selection({ ids: options.id, filters: options.filter });
  const signal = untilInterrupted();
  await onTarget(options, async (target) => {
    const sqs = new SQSClient(target.clients);
    const from = chosenQueues(await queuesOf(sqs, target, definition), options.undelivered);
    warnUnseen(from);
    const file = options.file === undefined ? undefined : await createLettersFile(options.file);
    const progress = new LetterProgress("exported", totalOf(from, !options.id && !options.filter));
    let exported = 0;
    let unseen = 0;
    try {
      for (const queue of from) {
        unseen += await receiveLetters({ sqs, queue, signal, onHidden: warnHidden, onLost: warnLost }, async (batch) => {
          const chosen = batch.filter((letter) => selection.matches(letter));
          if (file) await file.write(chosen);
          else await writeOut(chosen.map((letter) => `${exportLine(letter)}\n`).join(""));
          exported += chosen.length;
          if (file) for (const _ of chosen) progress.advance();
        });
      }
    } finally {
      progress.clear();
      await file?.close();
      console.error(`${letters(exported)} exported${options.file === undefined ? "" : ` to ${options.file}`}`);
    }
    reportUnseen(unseen);
    if (signal.aborted) throw new Error("interrupted: the export is incomplete");
    if (selection.missing.length > 0) throw new Error(`no letter has the id ${selection.missing.join(", ")}`);
  });
}
