import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { inboxDays } from "#lib/constructs/inbox-window.ts";
import { AwsClock } from "#lib/ops/aws-clock.ts";
import { reasonLine } from "#lib/ops/dead-letters/letter.ts";
import { redriveLetters, type RedriveResult, type RedriveSummary } from "#lib/ops/dead-letters/redrive.ts";
import { Selection } from "#lib/ops/dead-letters/select.ts";
import { explainFailure, onTarget } from "#lib/ops/target.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { targetFlags } from "../options.ts";
import { choiceOf, choiceOrAllOptions, commonOptions, parseActionOptions } from "./options.ts";
import { confirmLetters } from "./confirm-letters.ts";
import { LetterProgress, totalOf } from "./progress.ts";
import { chosenQueues, findService, queuesOf } from "./service.ts";
import { reportUnseen, warnHidden, warnLost, warnUnseen } from "./warnings.ts";
import { letters } from "./wording.ts";

/** Letters listed one by one, if they fail or in a dry run. */
const LINES_SHOWN = 50;

const rate = v.pipe(
  v.string(),
  v.regex(/^\d{1,6}(\.\d{1,3})?$/, "expected letters per second, like 20 or 0.5"),
  v.toNumber(),
  v.minValue(0.001, "expected more than 0"),
);

const redriveOptions = v.object({
  ...commonOptions,
  ...choiceOrAllOptions,
  "dry-run": v.optional(v.boolean()),
  rate: v.optional(rate),
  yes: v.optional(v.boolean()),
});

/**
 * `fanfare dlq redrive <service>`: sends letters back to that service's queue. Exit code 1 if a selected letter may not have been
 * sent, or may still be in the dead-letter queue.
 */
export async function redrive(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("redrive", redriveOptions, given);
  const selection = new Selection(choiceOf(options));
  const definition = await findService(service);
  const signal = untilInterrupted();
  await onTarget(options, async (target) => {
    const sqs = new SQSClient(target.clients);
    const clock = new AwsClock(sqs);
    const to = await queuesOf(sqs, target, definition);
    const from = chosenQueues(to, options.undelivered);
    warnUnseen(from);
    if (!options["dry-run"])
      await confirmLetters(target, sqs, to, options.yes, `${chosenLetters(from, options.all)} will be sent back to ${to.name}`);
    const remembered = inboxDays(definition.name);
    const progress = new LetterProgress("sent back", totalOf(from, options.all));
    const summary = await redriveLetters({
      sqs,
      from,
      to,
      selection,
      inboxDays: remembered,
      now: clock.now,
      dryRun: options["dry-run"],
      rate: options.rate,
      signal,
      onResult: reporter(progress),
      onHidden: warnHidden,
      onLost: warnLost,
    }).finally(() => progress.clear());
    report(summary, to.name, remembered);
    if (summary.sent > 0) {
      console.error(`to follow them: npx fanfare tail --since 5m --service ${definition.name}${targetFlags(options)}`);
    }
    if (summary.error) throw explainFailure(summary.error, target);
    if (signal.aborted) throw new Error("interrupted: the other letters are unchanged");
    if (selection.missing.length > 0) throw new Error(`no letter has the id ${selection.missing.join(", ")}`);
  });
}

function chosenLetters(from: Parameters<typeof totalOf>[0], all: boolean | undefined): string {
  return `${all ? "about" : "up to"} ${letters(totalOf(from, true))}`;
}

function reporter(progress: LetterProgress): (result: RedriveResult) => void {
  let shown = 0;
  return (result) => {
    if (result.outcome === "sent") return progress.advance();
    if (shown++ < LINES_SHOWN) progress.note(line(result));
    else if (shown === LINES_SHOWN + 1) progress.note("… and so on");
  };
}

function line(result: RedriveResult): string {
  const { letter, outcome } = result;
  const name = `${letter.event.type ?? "no event"} ${letter.event.id ?? letter.messageId}`;
  if (outcome === "not sent") return `not confirmed as sent: ${name}: ${result.error.message}`;
  if (outcome === "not removed") {
    return `sent, but not removed from the dead-letter queue: ${name}: ${result.error.message}`;
  }
  if (outcome === "too old") return `not sent, older than the inbox: ${name}  (${reasonLine(letter)})`;
  return `${outcome}: ${name}  (${reasonLine(letter)})`;
}

function report(summary: RedriveSummary, queue: string, remembered: number): void {
  const { sent, wouldBeSent, notRemoved, notSent, arrived, waiting, tooOld, unseen } = summary;
  if (wouldBeSent > 0) console.log(`${letters(wouldBeSent)} would be sent back to ${queue}; nothing has changed`);
  else if (sent + notRemoved + notSent > 0) console.log(`${letters(sent)} sent back to ${queue}`);
  else console.log("no letters to send back");
  if (notSent > 0) {
    console.log(
      `${letters(notSent)} not confirmed as sent: still in the dead-letter queue, send them again; the service drops duplicates`,
    );
  }
  if (notRemoved > 0) {
    console.log(
      `${letters(notRemoved)} sent, but still in the dead-letter queue too: sending them again is harmless, since the service drops duplicates`,
    );
  }
  if (waiting > 0) console.log(`${letters(waiting)} left behind an earlier one of the same group, which was not sent`);
  if (arrived > 0) console.log(`${letters(arrived)} failed again, or are copies of what was sent: left for another redrive`);
  if (tooOld > 0) {
    console.log(
      `${letters(tooOld)} refused: first received over ${remembered} days ago, so the inbox may have forgotten whether they took effect; ` +
        "check that, then give each another id with `fanfare dlq edit --new-id`, or purge it",
    );
  }
  reportUnseen(unseen);
  if (notSent + notRemoved + waiting + tooOld > 0) process.exitCode = 1;
}
