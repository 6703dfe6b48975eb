import { hash } from "node:crypto";
import type { DeadLetter } from "./letter.ts";

/**
 * What a redrive has sent. A letter that comes back while the redrive goes on must not be sent again, or one event that fails at
 * once would be sent for ever; no clock can tell such a letter from an old one, since clocks differ.
 */
export class RedriveHistory {
  /** Number of redrives with which an event, or a body that is no event, was sent. */
  readonly #sent = new Map<string, number>();

  /** Whether the letter's event was sent in this redrive: it failed again, or this is a copy, which the inbox would drop. */
  has(letter: DeadLetter): boolean {
    const redrives = this.#sent.get(identityOf(letter));
    if (redrives === undefined) return false;
    // Bodies that are no events may be equal and yet two messages: only one that has the count of this redrive came back.
    return letter.event.id !== undefined || letter.redrives >= redrives;
  }

  /** Notes a letter that is about to be sent: an answer that is lost does not mean that SQS has not taken it. */
  add(letter: DeadLetter): void {
    this.#sent.set(identityOf(letter), letter.redrives + 1);
  }
}

function identityOf({ event: { source, id }, body }: DeadLetter): string {
  return id === undefined ? hash("sha256", body) : JSON.stringify([source, id]);
}
