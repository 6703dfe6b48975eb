import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { exportLine } from "#lib/ops/dead-letters/export-line.ts";
import { Selection } from "#lib/ops/dead-letters/select.ts";
import { receiveLetters } from "#lib/ops/dead-letters/receive.ts";
import { onTarget } from "#lib/ops/target.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { paintFor } from "../../terminal/paint.ts";
import { letterPage } from "./letter-page.ts";
import { choiceOptions, commonOptions, parseActionOptions } from "./options.ts";
import { writeOut } from "../../terminal/write-out.ts";
import { chosenQueues, findService, queuesOf } from "./service.ts";
import { reportUnseen, warnHidden, warnLost, warnUnseen } from "./warnings.ts";

const showOptions = v.object({
  ...commonOptions,
  ...choiceOptions,
  stack: v.optional(v.boolean()),
  json: v.optional(v.boolean()),
});

/** `fanfare dlq show <service>`: each letter with its reason, its attempts and its data. */
export async function show(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("show", showOptions, given);
  const definition = await findService(service);
  const selection = new Selection({ ids: options.id, filters: options.filter });
  const signal = untilInterrupted();
  const paint = paintFor(process.stdout);
  await onTarget(options, async (target) => {
    const sqs = new SQSClient(target.clients);
    const queues = await queuesOf(sqs, target, definition);
    const from = chosenQueues(queues, options.undelivered);
    warnUnseen(from);
    let shown = 0;
    let unseen = 0;
    for (const queue of from) {
      unseen += await receiveLetters({ sqs, queue, signal, onHidden: warnHidden, onLost: warnLost }, async (letters) => {
        for (const letter of letters.filter((one) => selection.matches(one))) {
          const page = () => letterPage(letter, { paint, maxReceives: queues.maxReceives, stack: options.stack });
          const separator = !options.json && shown++ > 0 ? "\n" : "";
          await writeOut(separator + (options.json ? `${exportLine(letter)}\n` : `${page().join("\n")}\n`));
        }
      });
    }
    reportUnseen(unseen);
    if (signal.aborted) return;
    if (selection.missing.length > 0) throw new Error(`no letter in ${place(from)} has the id ${selection.missing.join(", ")}`);
    if (shown === 0 && !options.json) console.error(`no letters in ${place(from)}${options.filter ? " match" : ""}`);
  });
}

function place(queues: readonly { readonly name: string }[]): string {
  return queues.map(({ name }) => name).join(", ");
}
