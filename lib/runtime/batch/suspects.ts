import type { SQSRecord } from "aws-lambda";
import { ProcessEndedError, toError } from "../errors.ts";
import { acknowledge } from "../record/acknowledge.ts";
import type { Received } from "../attempts/attempts.ts";
import type { InvocationContext, Outcome } from "../record/consumer-context.ts";
import { type CrashMark, readMark } from "../record/crash-marks.ts";
import { handleWatched, settleUnhandled } from "./handle-watched.ts";

/** A record with a mark from before: the process has ended while it was handled, alone or with others. */
export interface Suspect {
  readonly received: Received;
  readonly mark: CrashMark;
}

/** The suspects among some records, the least suspicious first. */
export async function findSuspects(context: InvocationContext, received: readonly Received[]): Promise<Suspect[]> {
  const found = await Promise.all(
    received.map(async (one) => {
      const mark = await readMark(context, one);
      return mark ? [{ received: one, mark }] : [];
    }),
  );
  return found.flat().toSorted((a, b) => a.mark.aloneCount - b.mark.aloneCount);
}

/**
 * Handles records one by one, each only after everything finished before it is acknowledged: if one ends the process, it comes
 * back alone.
 */
export class OneByOne {
  readonly #context: InvocationContext;
  /** When the last record may begin, in milliseconds since 1970: one that begins late would be cut short. */
  readonly #lastStart: number;
  #isFirst = true;
  #finished: SQSRecord[] = [];

  constructor(context: InvocationContext) {
    this.#context = context;
    this.#lastStart = (Date.now() + context.time.deadline) / 2;
  }

  /** Handles a record; undefined when it has to wait for another invocation. @param mark the one from before, if it has one */
  async handle(received: Received, mark: CrashMark | undefined): Promise<Outcome | undefined> {
    if (!this.#isFirst && Date.now() >= this.#lastStart) return undefined;
    this.#isFirst = false;
    try {
      await acknowledge(this.#context, this.#finished);
    } catch (error) {
      this.#context.log.warn("event not handled, retried later: others could not be acknowledged before it", {
        messageId: received.record.messageId,
        error: toError(error),
      });
      return undefined;
    }
    this.#finished = [];
    const outcome = mark
      ? await handleSuspect(this.#context, { received, mark })
      : await handleWatched(this.#context, received);
    if (outcome !== "retry") this.#finished.push(received.record);
    return outcome;
  }
}

/** Handles a suspect; one that has ended the process alone, and is not to be received again, is dead without being handled. */
function handleSuspect(context: InvocationContext, { received, mark: { aloneCount } }: Suspect): Promise<Outcome> {
  const isLast = received.attempts.unexplained + 1 >= context.config.maxReceiveCount;
  if (aloneCount === 0 || !isLast) return handleWatched(context, received, { aloneCount: aloneCount + 1 });
  const error = new ProcessEndedError("the function's process ended every time this event was handled: see its log for why");
  return settleUnhandled(context, received, Date.now(), error);
}
