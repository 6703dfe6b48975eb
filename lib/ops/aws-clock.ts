import * as v from "valibot";

const dated = v.object({ response: v.object({ headers: v.object({ date: v.string() }) }) });

/** A client of the SDK, as far as its answers can be watched. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: <Args, Result>(next: (args: Args) => Promise<Result>) => (args: Args) => Promise<Result>,
      options: { readonly step: "deserialize"; readonly name: string },
    ): void;
  };
}

/**
 * The time by AWS's clock, from the `Date` header of a client's answers: the clock of an operator's machine may be minutes off.
 * Before the first answer it is this machine's.
 */
export class AwsClock {
  #answered: { readonly date: number; readonly at: number } | undefined;

  constructor({ middlewareStack }: Client) {
    middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const parsed = v.safeParse(dated, result);
        const date = parsed.success ? Date.parse(parsed.output.response.headers.date) : Number.NaN;
        if (!Number.isNaN(date)) this.#answered = { date, at: performance.now() };
        return result;
      },
      { step: "deserialize", name: "awsClock" },
    );
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => (this.#answered ? this.#answered.date + performance.now() - this.#answered.at : Date.now());
}
