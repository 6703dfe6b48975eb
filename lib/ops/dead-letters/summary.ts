import { reasonLine } from "./letter.ts";
import type { LetterQueue, ServiceQueues } from "./queues.ts";
import { receiveLetters, type ReceiveOptions } from "./receive.ts";

/** What is in a service's dead-letter queues. */
export interface LettersSummary {
  readonly service: string;
  readonly deadLetters: number;
  readonly undelivered: number;
  /** When the oldest letter was sent, RFC 3339; absent if there is none. */
  readonly oldest?: string;
  /** Why the letters are dead, the most frequent reason first. */
  readonly reasons: readonly { readonly reason: string; readonly letters: number }[];
  /** Letters that are not counted: somebody else holds them, or SQS did not hand them out; approximate. */
  readonly held: number;
  /** Those of them that SQS did not hand out. */
  readonly unseen: number;
}

/** Counts a service's letters by reading each, and removes none. */
export async function summarizeLetters(
  { service, deadLetters, undelivered }: ServiceQueues,
  options: Pick<ReceiveOptions, "sqs" | "signal" | "onLost">,
): Promise<LettersSummary> {
  const reasons = new Map<string, number>();
  let oldest = Infinity;
  let unseen = 0;
  const count = async (queue: LetterQueue): Promise<number> => {
    let letters = 0;
    unseen += await receiveLetters({ ...options, queue }, async (batch) => {
      letters += batch.length;
      for (const letter of batch) {
        oldest = Math.min(oldest, letter.sentAt ?? Infinity);
        const reason = reasonLine(letter);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    });
    return letters;
  };
  const [dead, ...notDelivered] = await Promise.all([deadLetters, ...undelivered].map(count));
  return {
    service,
    deadLetters: dead ?? 0,
    undelivered: notDelivered.reduce((sum, letters) => sum + letters, 0),
    ...(oldest < Infinity && { oldest: new Date(oldest).toISOString() }),
    reasons: [...reasons].map(([reason, letters]) => ({ reason, letters })).sort((a, b) => b.letters - a.letters),
    held: [deadLetters, ...undelivered].reduce((sum, queue) => sum + queue.held, unseen),
    unseen,
  };
}
