import { CloudError } from "../../shared/errors.ts";

/** Where in a template an expression stands that is being resolved: `Queue`, `Properties`, `QueueName`, `Fn::Select`. */
export class Place {
  readonly #names: (string | number)[] = [];

  /** Does some work one step further in. Where it throws, the place stays: it is that of the fault. */
  within<T>(name: string | number, work: () => T): T {
    this.#names.push(name);
    const result = work();
    this.#names.pop();
    return result;
  }

  /** Does some work on a part of a template, and adds to its error where that stands. @throws CloudError in one line */
  naming<T>(stack: string, names: readonly string[], work: () => T): T {
    this.#names.splice(0, Infinity, ...names);
    try {
      return work();
    } catch (error) {
      if (error instanceof CloudError)
        throw new CloudError(`${error.message} It stands at ${this.#names.join(".")} in stack ${stack}.`, { cause: error });
      throw error;
    }
  }
}
