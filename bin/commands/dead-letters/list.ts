import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { AwsClock } from "#lib/ops/aws-clock.ts";
import { type LettersSummary, summarizeLetters } from "#lib/ops/dead-letters/summary.ts";
import { onTarget, placeOf } from "#lib/ops/target.ts";
import { printable, printableJson } from "#lib/ops/printable.ts";
import { columns } from "../../terminal/columns.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { targetFlags } from "../options.ts";
import { type Paint, paintFor } from "../../terminal/paint.ts";
import { commonOptions, parseActionOptions } from "./options.ts";
import { findSomeServices, queuesOf } from "./service.ts";
import { reportUnseen, warnLost } from "./warnings.ts";
import { age, heldLine } from "./wording.ts";

/** Reasons shown per service: some differ in every letter and would fill the screen. */
const REASONS_SHOWN = 8;

const listOptions = v.object({ ...commonOptions, json: v.optional(v.boolean()) });

/** `fanfare dlq list [service]`: how many letters each service has, how old, and why they are dead. */
export async function list(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("list", listOptions, given);
  const services = await findSomeServices(service);
  const signal = untilInterrupted();
  await onTarget(options, async (target) => {
    const { clients, stage } = target;
    const sqs = new SQSClient(clients);
    const clock = new AwsClock(sqs);
    const summaries = await Promise.all(
      services.map(async (definition) =>
        summarizeLetters(await queuesOf(sqs, target, definition), { sqs, signal, onLost: warnLost }),
      ),
    );
    if (signal.aborted) throw new Error("interrupted: the counts would be incomplete");
    reportUnseen(summaries.reduce((sum, { unseen }) => sum + unseen, 0));
    if (options.json) return console.log(printableJson(summaries, 2));
    console.log(
      page({
        title: `Dead letters of stage ${stage} at ${await placeOf(target, sqs)}`,
        summaries,
        now: clock.now(),
        paint: paintFor(process.stdout),
      }).join("\n"),
    );
    const worst = summaries.find(({ deadLetters }) => deadLetters > 0);
    if (worst) console.error(`\nto look at them: npx fanfare dlq show ${worst.service}${targetFlags(options)}`);
  });
}

interface Page {
  readonly title: string;
  readonly summaries: readonly LettersSummary[];
  /** By AWS's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly paint: Paint;
}

function page({ title, summaries, now, paint }: Page): string[] {
  const [head = "", ...rows] = columns([
    ["SERVICE", "DEAD LETTERS", "UNDELIVERED", "OLDEST"],
    ...summaries.map(({ service, deadLetters, undelivered, oldest }) => [
      service,
      deadLetters,
      undelivered,
      oldest === undefined ? "" : age(now - Date.parse(oldest)),
    ]),
  ]);
  return [
    paint("bold", title),
    "",
    paint("dim", head),
    ...rows.map((row, index) => {
      const { deadLetters = 0, undelivered = 0 } = summaries[index] ?? {};
      return deadLetters + undelivered > 0 ? paint("red", row) : row;
    }),
    ...summaries.flatMap((summary) => details(summary, paint)),
  ];
}

function details({ service, reasons, held, unseen }: LettersSummary, paint: Paint): string[] {
  const elsewhere = held - unseen;
  if (reasons.length === 0 && elsewhere === 0) return [];
  const shown = reasons.slice(0, REASONS_SHOWN);
  const hidden = reasons.slice(REASONS_SHOWN).reduce((sum, { letters }) => sum + letters, 0);
  return [
    "",
    paint("bold", service),
    ...columns(shown.map(({ reason, letters }) => [letters, printable(reason)])),
    ...(hidden > 0 ? [paint("dim", `and ${hidden.toLocaleString("en-US")} more, for other reasons`)] : []),
    ...(elsewhere > 0 ? [paint("yellow", heldLine(elsewhere))] : []),
  ];
}
