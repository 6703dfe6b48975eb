import { setTimeout as pause } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { printable, printableJson } from "#lib/ops/printable.ts";
import { countDeadLetters, createStatusClients, readStageStatus, type StageStatus } from "#lib/ops/status/stage-status.ts";
import { refusal } from "#lib/ops/refusal.ts";
import { onTarget, placeOf } from "#lib/ops/target.ts";
import { toError } from "#lib/runtime/errors.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { parseOptions, targetOptions } from "../options.ts";
import { paintFor } from "../../terminal/paint.ts";
import { statusPage } from "./status-page.ts";

const WATCH_MILLISECONDS = 1_000;

/** Exit code of `--check` when there are dead letters; 1 means that the check itself failed. */
const DEAD_LETTERS = 2;

const HOME = "\u001B[H";
const CLEAR_LINE_END = "\u001B[K";
const CLEAR_BELOW = "\u001B[J";

const statusOptions = v.object({
  ...targetOptions,
  watch: v.optional(v.boolean()),
  json: v.optional(v.boolean()),
  check: v.optional(v.boolean()),
});

/** `fanfare status`: a stage's resources, with counts; with `--check`, exit code 2 if a dead-letter queue is not empty. */
export async function status(given: unknown): Promise<void> {
  const options = parseOptions(statusOptions, given);
  await onTarget(options, async (target) => {
    const clients = createStatusClients(target);
    // A laptop cloud runs one app, whatever its names.
    const prefix = target.local === undefined ? `fanfare-${target.stage}-` : "";
    const place = await placeOf(target, new SQSClient(target.clients));
    const read = async () => ({ ...(await readStageStatus(target, prefix, clients)), place });
    const last = options.watch ? await watch(read, options.json) : await show(read, options.json);
    if (options.check && last && countDeadLetters(last) > 0) process.exitCode = DEAD_LETTERS;
  });
}

async function show(read: () => Promise<StageStatus>, json = false): Promise<StageStatus> {
  const status = await read();
  console.log(json ? printableJson(status, 2) : page(status).join("\n"));
  return status;
}

/** Shows the status every second until interrupted, on a terminal in place; returns the last one. */
async function watch(read: () => Promise<StageStatus>, json = false): Promise<StageStatus | undefined> {
  const signal = untilInterrupted();
  const inPlace = process.stdout.isTTY && !json;
  let last: StageStatus | undefined;
  if (inPlace) process.stdout.write(HOME + CLEAR_BELOW);
  while (!signal.aborted) {
    last = await readAgain(read, last);
    if (json) console.log(printableJson(last));
    else if (inPlace) redraw(page(last));
    else console.log(`${page(last).join("\n")}\n`);
    await pause(WATCH_MILLISECONDS, undefined, { signal }).catch(() => {});
  }
  return last;
}

/** Reads the status; if that fails for now, the one before stands, and standard error says why. @throws at the first time, and where AWS refuses */
async function readAgain(read: () => Promise<StageStatus>, before: StageStatus | undefined): Promise<StageStatus> {
  try {
    return await read();
  } catch (thrown) {
    const error = toError(thrown);
    if (before === undefined || refusal(error) !== undefined) throw error;
    console.error(`the status could not be read (${printable(`${error.name}: ${error.message}`)}): trying again`);
    return before;
  }
}

/** Overwrites line by line, since clearing the screen first would flicker; leaves out what would scroll. */
function redraw(lines: readonly string[]): void {
  // A terminal that does not know its height says 0.
  const rows = (process.stdout.rows || Infinity) - 1;
  const shown = lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `(${lines.length - rows + 1} more lines)`];
  process.stdout.write(HOME + shown.map((line) => `${line}${CLEAR_LINE_END}\n`).join("") + CLEAR_BELOW);
}

function page(status: StageStatus): string[] {
  return statusPage(status, paintFor(process.stdout));
}
