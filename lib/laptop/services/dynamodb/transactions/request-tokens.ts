import { AwsError } from "../../../shared/aws-error.ts";
import type { UpstreamAnswer } from "../engine/transport.ts";

/** How long DynamoDB remembers a ClientRequestToken (API reference, TransactWriteItems). */
const REMEMBERED_MILLISECONDS = 10 * 60 * 1_000;

/** Beyond this the oldest go first: some 25 MB, and half a minute at 3,000 transactions per second. */
const MOST_TOKENS = 100_000;

const EMPTY_OBJECT = Buffer.from("{}");

interface Remembered {
  readonly digest: string;
  readonly since: number;
  answer?: UpstreamAnswer;
}

/**
 * The ClientRequestTokens of the last 10 minutes. It stands in front of dynoxide 1.2.1, which looks through all its
 * tokens on every transaction that has one, and slows to a quarter within a minute.
 */
export class RequestTokens {
  readonly #tokens = new Map<string, Remembered>();
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Begins a transaction. `digest` stands for its whole request.
   *
   * @returns the answer that the same transaction had before; absent where it is to be run, and then ended by `finish`.
   * @throws AwsError IdempotentParameterMismatchException, TransactionInProgressException.
   */
  begin(token: string, digest: string): UpstreamAnswer | undefined {
    this.#forgetOld();
    const known = this.#tokens.get(token);
    if (known === undefined) {
      this.#tokens.set(token, { digest, since: this.#now() });
      return undefined;
    }
    if (known.digest !== digest) {
      throw new AwsError(
        "IdempotentParameterMismatchException",
        "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.",
      );
    }
    if (known.answer === undefined) {
      throw new AwsError(
        "TransactionInProgressException",
        "The transaction with the given request token is already in progress.",
      );
    }
    return known.answer;
  }

  /** Ends a transaction: one that was carried out is remembered, any other may be tried again under its token. */
  finish(token: string, answer: UpstreamAnswer | undefined): void {
    const entry = this.#tokens.get(token);
    if (!entry || answer?.status !== 200) {
      this.#tokens.delete(token);
      return;
    }
    // Most answers are `{}`: sharing one keeps a hundred thousand of them small.
    const body = answer.body.equals(EMPTY_OBJECT) ? EMPTY_OBJECT : answer.body;
    entry.answer = { status: answer.status, requestId: "", body };
  }

  /** Tokens lie in the order of their age, so only the first few are looked at. */
  #forgetOld(): void {
    const oldest = this.#now() - REMEMBERED_MILLISECONDS;
    for (const [token, { since }] of this.#tokens) {
      if (since > oldest && this.#tokens.size < MOST_TOKENS) return;
      this.#tokens.delete(token);
    }
  }
}
