import { secretVariable } from "../../contracts/function-variables.ts";
import { RetryLaterError } from "../errors.ts";
import { requireVariable } from "../lambda/config.ts";
import { type GetParameter, getParameter } from "./get-parameter.ts";

/** How long a value is used before it is read again, in milliseconds. A rotated secret is taken up within this time. */
const FRESH_MILLISECONDS = 5 * 60_000;

/** Least time between two reads of a secret that is refused again and again, in milliseconds: SSM takes 40 calls a second. */
const REFUSED_MILLISECONDS = 10_000;

/** Longest that a read may take, in milliseconds. */
const TIMEOUT_MILLISECONDS = 5_000;

/** One of the service's `secrets`. Its value is kept in memory alone: never log it, and do not put it into an error's message. */
export interface Secret {
  /**
   * The value: from memory, or from the Parameter Store when it was not read in the last five minutes. Where a later read fails,
   * the last value stays in use.
   *
   * @throws RetryLaterError when the secret could not be read yet
   */
  read(): Promise<string>;
  /** Tells that a value was refused where it was used: the next `read` fetches it again, once every ten seconds at most. */
  refused(value: string): void;
}

/**
 * One of the secrets that the service's definition names, for the function's lifetime:
 * `const apiKey = secret("PAYMENT_API_KEY")` outside the handler, `await apiKey.read()` where it is used.
 *
 * @throws Error at start when the service's definition does not name the secret.
 */
export function secret(name: string, get: GetParameter = getParameter): Secret {
  return new CachedSecret(name, requireVariable(secretVariable(name)), get);
}

interface Known {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly readAt: number;
  refused: boolean;
}

class CachedSecret implements Secret {
  readonly #name: string;
  readonly #parameter: string;
  readonly #get: GetParameter;
  #known: Known | undefined;
  #reading: Promise<string> | undefined;

  constructor(name: string, parameter: string, get: GetParameter) {
    this.#name = name;
    this.#parameter = parameter;
    this.#get = get;
  }

  async read(): Promise<string> {
    if (this.#known && !isStale(this.#known)) return this.#known.value;
    this.#reading ??= this.#fetch().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  refused(value: string): void {
    if (this.#known?.value === value) this.#known.refused = true;
  }

  async #fetch(): Promise<string> {
    const readAt = Date.now();
    try {
      const value = await this.#get(this.#parameter, AbortSignal.timeout(TIMEOUT_MILLISECONDS));
      this.#known = { value, readAt, refused: false };
      return value;
    } catch (error) {
      if (!this.#known) throw new RetryLaterError(`the secret ${this.#name} is not known yet`, { cause: error });
      this.#known = { ...this.#known, readAt };
      return this.#known.value;
    }
  }
}

function isStale({ readAt, refused }: Known): boolean {
  return Date.now() - readAt >= (refused ? REFUSED_MILLISECONDS : FRESH_MILLISECONDS);
}
