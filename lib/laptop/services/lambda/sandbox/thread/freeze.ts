import { SHARED } from "../protocol.ts";

/**
 * How long an environment that has answered is let go on. Under load it has its next invocation by then: to freeze it at once, as Lambda
 * does, took a tenth of the throughput.
 */
const FROZEN_AFTER_MILLISECONDS = 10;

/**
 * Makes this thread stand still until there is another invocation, as Lambda freezes an execution environment: no timer fires meanwhile,
 * and nothing is computed. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class Freezer {
  readonly #shared: Int32Array<SharedArrayBuffer>;
  #taken = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(shared: Int32Array<SharedArrayBuffer>) {
    this.#shared = shared;
  }

  /** An invocation has come. */
  thaw(): void {
    this.#taken += 1;
    clearTimeout(this.#timer);
  }

  /** It has been answered. */
  rest(): void {
    this.#timer = setTimeout(() => this.#freeze(), FROZEN_AFTER_MILLISECONDS).unref();
  }

  #freeze(): void {
    Atomics.store(this.#shared, SHARED.frozen, 1);
    Atomics.wait(this.#shared, SHARED.invocations, this.#taken);
    Atomics.store(this.#shared, SHARED.frozen, 0);
  }
}
