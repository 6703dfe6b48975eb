import type { SQSClient } from "@aws-sdk/client-sqs";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { toError } from "../../runtime/errors.ts";
import type { DeadLetter } from "./letter.ts";
import type { LetterQueue } from "./queues.ts";
import type { Selection } from "./select.ts";
import { receiveLetters, type ReceiveOptions } from "./receive.ts";

export interface PurgeOptions extends Pick<ReceiveOptions, "signal" | "onHidden"> {
  readonly sqs: Pick<SQSClient, "send">;
  readonly from: readonly LetterQueue[];
  readonly selection: Selection;
  /** Milliseconds since 1970: letters sent later are kept, since nobody has agreed to delete them. */
  readonly sentBefore: number;
  /** Saves letters elsewhere; they are deleted once it has returned, and not if it throws. */
  readonly keep: (letters: readonly DeadLetter[]) => Promise<void>;
  readonly onDeleted: (letter: DeadLetter) => void;
}

/** Deletes letters. Returns how many, and the errors of those that could not be deleted. */
export async function purgeLetters(options: PurgeOptions): Promise<{ deleted: number; errors: readonly Error[] }> {
  const { from, signal, selection, sentBefore, keep, onDeleted } = options;
  const errors: Error[] = [];
  let deleted = 0;
  for (const queue of from) {
    if (signal.aborted) break;
    await receiveLetters({ ...options, queue }, async (letters, remove) => {
      const chosen = letters.filter((letter) => letter.sentAt < sentBefore && selection.matches(letter));
      if (chosen.length > 0) await keep(chosen);
      await mapLimited(chosen, BATCH_ENTRIES, async (letter) => {
        try {
          await remove(letter);
        } catch (error) {
          errors.push(toError(error));
          return;
        }
        deleted++;
        onDeleted(letter);
      });
    });
  }
  return { deleted, errors };
}
