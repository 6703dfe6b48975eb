import { isFifoName } from "#lib/contracts/fifo.ts";
import { BATCH_ENTRIES } from "#lib/contracts/limits.ts";
import type { LetterQueue } from "#lib/ops/dead-letters/queues.ts";
import { heldLine, letters } from "./wording.ts";

/** Warns of letters that a command does not see: those in flight elsewhere, and those behind others of their FIFO group. */
export function warnUnseen(queues: readonly Pick<LetterQueue, "name" | "held" | "waiting">[]): void {
  const held = queues.reduce((sum, queue) => sum + queue.held, 0);
  if (held > 0) console.error(heldLine(held));
  if (queues.some(({ name, waiting }) => isFifoName(name) && waiting > BATCH_ENTRIES)) {
    console.error(`a FIFO queue shows at most ${BATCH_ENTRIES} letters of a group; the others follow once these are gone`);
  }
}

/** Says that SQS did not hand out all letters, and makes the command end with exit code 1: what it did is incomplete. */
export function reportUnseen(unseen: number): void {
  if (unseen === 0) return;
  process.exitCode = 1;
  console.error(
    `about ${letters(unseen)} not seen, by SQS's count: it may lag by a minute, and SQS hands out at most 120,000 at a time, and ${BATCH_ENTRIES} of a FIFO group; remove or send back some, and run it again`,
  );
}

/** Warns of letters that nobody sees for a while, and makes the command end with exit code 1: what it did may be incomplete. */
export function warnLost(count: number, seconds: number): void {
  process.exitCode = 1;
  console.error(
    `SQS did not answer: up to ${letters(count)} may be hidden from everybody for up to ${seconds} seconds; run it again then`,
  );
}

/** Warns of letters that were only read and could not be made visible again. */
export function warnHidden(count: number, seconds: number): void {
  console.error(`${letters(count)} could not be put back: they are visible again in at most ${seconds} seconds`);
}
