import { UnitSealedError } from "../errors.ts";

/** Keeps a unit of work from being used after its handler has ended, and notices a handler that does not wait for what it has begun. */
export class Seal {
  readonly #onLateUse: (error: Error) => void;
  #state: "open" | "returned" | "failed" = "open";
  #pending = 0;

  /** @param onLateUse is told of each use after the handler has returned */
  constructor(onLateUse: (error: Error) => void) {
    this.#onLateUse = onLateUse;
  }

  /** @throws UnitSealedError when the handler has ended. */
  requireOpen(): void {
    if (this.#state === "open") return;
    if (this.#state === "failed") throw new UnitSealedError("the unit was used after its handler had failed");
    const error = new UnitSealedError("the unit was used after its handler had returned: an await is missing");
    this.#onLateUse(error);
    throw error;
  }

  /**
   * Does something that takes time. If the handler returns meanwhile, it never settles for the handler, whose event fails: code that nobody
   * waits for must not go on, and its rejection would end the process.
   *
   * @throws UnitSealedError when the handler has ended; whatever `work` throws
   */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.requireOpen();
    this.#pending += 1;
    try {
      return await work();
    } finally {
      this.#pending -= 1;
      if (this.#state === "returned") await new Promise<never>(() => {});
    }
  }

  /** The handler has returned. @throws UnitSealedError when something that it has begun is not done. */
  returned(): void {
    this.#state = "returned";
    if (this.#pending === 0) return;
    throw new UnitSealedError(
      `the handler returned while ${this.#pending} of the unit's operations were pending: an await is missing`,
    );
  }

  /** The handler has thrown. */
  failed(): void {
    if (this.#state === "open") this.#state = "failed";
  }
}
