import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import type { DeadLetter } from "#lib/ops/dead-letters/letter.ts";
import { purgeLetters } from "#lib/ops/dead-letters/purge.ts";
import type { LetterQueue } from "#lib/ops/dead-letters/queues.ts";
import { type Choice, Selection } from "#lib/ops/dead-letters/select.ts";
import { receiveLetters } from "#lib/ops/dead-letters/receive.ts";
import { explainFailure, onTarget, placeOf, type Target } from "#lib/ops/target.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { confirmByTyping } from "../../terminal/confirm.ts";
import { accountOf } from "./confirm-letters.ts";
import { createLettersFile } from "./letters-file.ts";
import { choiceOf, choiceOrAllOptions, commonOptions, parseActionOptions } from "./options.ts";
import { LetterProgress } from "./progress.ts";
import { chosenQueues, findService, queuesOf } from "./service.ts";
import { reportUnseen, warnHidden, warnLost, warnUnseen } from "./warnings.ts";
import { letters } from "./wording.ts";

const purgeOptions = v.object({
  ...commonOptions,
  ...choiceOrAllOptions,
  yes: v.optional(v.boolean()),
  file: v.optional(v.string()),
  "no-export": v.optional(v.boolean()),
});

type PurgeOptions = v.InferOutput<typeof purgeOptions>;

/** `fanfare dlq purge <service>`: deletes letters after asking and after writing them to a file. */
export async function purge(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("purge", purgeOptions, given);
  const choice = choiceOf(options);
  if (options.file !== undefined && options["no-export"])
    throw new Error("--file and --no-export are both given: expected one of them");
  const definition = await findService(service);
  if (!options.yes && !(process.stdin.isTTY && process.stderr.isTTY))
    throw new Error("deleting letters needs a confirmation: expected --yes, or a terminal");
  await onTarget(options, async (target) => {
    const sqs = new SQSClient(target.clients);
    const from = chosenQueues(await queuesOf(sqs, target, definition), options.undelivered);
    await purgeAfterAsking({ options, choice, target, sqs, from, service: definition.name });
  });
}

interface Purge {
  readonly options: PurgeOptions;
  readonly choice: Choice;
  readonly target: Target;
  readonly sqs: SQSClient;
  readonly from: readonly LetterQueue[];
  readonly service: string;
}

async function purgeAfterAsking(request: Purge): Promise<void> {
  const { options, target, sqs, from, service } = request;
  warnUnseen(from);
  const signal = untilInterrupted();
  const confirmed = await findLetters(request, signal);
  const count = confirmed.size;
  if (signal.aborted) throw new Error("interrupted: nothing is deleted");
  if (count === 0) return console.log("no letters to delete");
  const path = options["no-export"] ? undefined : (options.file ?? fileName(request));
  const fate = path === undefined ? "for good, without a copy" : `once they are in ${path}`;
  const place = await placeOf(target, sqs, accountOf(from[0]?.url ?? ""));
  const question = `${letters(count)} of ${service}, stage ${target.stage} at ${place}, will be deleted ${fate}.\nType ${service} to go on: `;
  if (!options.yes && !(await confirmByTyping(service, question))) throw new Error("not confirmed: nothing is deleted");
  const file = path === undefined ? undefined : await createLettersFile(path);
  const progress = new LetterProgress("deleted", count);
  const keep = async (chosen: readonly DeadLetter[]) => file?.write(chosen);
  const onDeleted = () => progress.advance();
  const { deleted, errors, missing, error } = await purgeLetters({
    sqs,
    from,
    confirmed,
    keep,
    onDeleted,
    signal,
    onHidden: warnHidden,
    onLost: warnLost,
  });
  progress.clear();
  await file?.close();
  console.log(`${letters(deleted)} deleted${path === undefined ? "" : `; ${path} keeps them`}`);
  if (error) throw explainFailure(error, target);
  if (errors[0]) throw new Error(`${letters(errors.length)} not confirmed as deleted: ${errors[0].message}; run it again`);
  if (signal.aborted) throw new Error("interrupted: the other letters are unchanged");
  if (missing > 0) throw new Error(`${letters(missing)} not found again: somebody has taken or is holding them; run it again`);
}

/** The message ids of the letters that are meant. @throws Error when an id is not among them: it may be mistyped. */
async function findLetters({ choice, sqs, from }: Purge, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const selection = new Selection(choice);
  const found = new Set<string>();
  let unseen = 0;
  for (const queue of from) {
    unseen += await receiveLetters({ sqs, queue, signal, onHidden: warnHidden, onLost: warnLost }, async (batch) => {
      for (const letter of batch) if (selection.matches(letter)) found.add(letter.messageId);
    });
  }
  reportUnseen(unseen);
  if (selection.missing.length > 0) throw new Error(`no letter has the id ${selection.missing.join(", ")}: nothing is deleted`);
  return found;
}

function fileName({ service, target }: Purge): string {
  return `${service}-${target.stage}-letters-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.ndjson`;
}
