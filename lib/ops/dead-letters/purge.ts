import type { SQSClient } from "@aws-sdk/client-sqs";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { toError } from "../../runtime/errors.ts";
import type { DeadLetter } from "./letter.ts";
import type { LetterQueue } from "./queues.ts";
import { receiveLetters, type ReceiveOptions } from "./receive.ts";

export interface PurgeOptions extends Pick<ReceiveOptions, "signal" | "onHidden" | "onLost"> {
  readonly sqs: Pick<SQSClient, "send">;
  readonly from: readonly LetterQueue[];
  /** Message ids of the letters that somebody has agreed to delete: no other is deleted. */
  readonly confirmed: ReadonlySet<string>;
  /** Saves letters elsewhere; they are deleted once it has returned, and not if it throws. */
  readonly keep: (letters: readonly DeadLetter[]) => Promise<void>;
  readonly onDeleted: (letter: DeadLetter) => void;
}

export interface PurgeResult {
  readonly deleted: number;
  /** Of the letters that SQS did not confirm as deleted. */
  readonly errors: readonly Error[];
  /** Confirmed letters that SQS did not hand out again: somebody holds them, or has taken them out. */
  readonly missing: number;
  /** Why it ended early. */
  readonly error?: Error;
}

/** Deletes letters. Never throws: an error says what ended it, after so many letters. */
export async function purgeLetters(options: PurgeOptions): Promise<PurgeResult> {
  const { from, signal, confirmed, keep, onDeleted } = options;
  const errors: Error[] = [];
  let deleted = 0;
  const met = new Set<string>();
  try {
    for (const queue of from) {
      if (signal.aborted) break;
      await receiveLetters({ ...options, queue }, async (letters, remove) => {
        const chosen = letters.filter(({ messageId }) => confirmed.has(messageId));
        for (const { messageId } of chosen) met.add(messageId);
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
  } catch (error) {
    return { deleted, errors, missing: confirmed.size - met.size, error: toError(error) };
  }
  return { deleted, errors, missing: confirmed.size - met.size };
}
