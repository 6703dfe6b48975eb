import { isFifoName } from "#lib/contracts/fifo.ts";
import { BATCH_ENTRIES } from "#lib/contracts/limits.ts";
import type { LetterQueue } from "#lib/ops/dead-letters/queues.ts";

/** "1 letter", "2,000 letters". */
export function letters(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "letter" : "letters"}`;
}

/** Says that some letters are not seen: somebody else has them in hand, or they stand behind others of their group. */
export function tellUnseen(queues: readonly Pick<LetterQueue, "name" | "held" | "waiting">[]): void {
  const held = queues.reduce((sum, queue) => sum + queue.held, 0);
  if (held > 0) console.error(heldLine(held));
  if (queues.some(({ name, waiting }) => isFifoName(name) && waiting > BATCH_ENTRIES)) {
    console.error(
      `a FIFO queue shows ${BATCH_ENTRIES} letters of a group at the most: those behind are seen once these are gone`,
    );
  }
}

/** The same for a count. */
export function heldLine(held: number): string {
  return `about ${letters(held)} in somebody else's hands, and not seen here: they come back by themselves, or are gone when that is done`;
}

/** Says that letters which were only looked at could not be handed back. */
export function tellHidden(count: number, seconds: number): void {
  console.error(`${letters(count)} could not be handed back: they are visible again in at most ${seconds} seconds`);
}

/** A time span in its largest whole unit. @param milliseconds from then to now */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
