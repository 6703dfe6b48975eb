import { CloudError } from "../../shared/errors.ts";

/** The conditions of a template. Each is evaluated once: one that forty others refer to in turn would else be evaluated 2^40 times. */
export class Conditions {
  readonly #definitions: Readonly<Record<string, unknown>>;
  readonly #stackName: string;
  readonly #known = new Map<string, boolean>();
  readonly #open: string[] = [];

  constructor(definitions: Readonly<Record<string, unknown>>, stackName: string) {
    this.#definitions = definitions;
    this.#stackName = stackName;
  }

  /** Whether a condition holds. @throws CloudError where there is no such condition, or it refers to itself */
  holds(name: string, evaluate: (definition: unknown) => boolean): boolean {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(this.#definitions, name)) throw new CloudError(`Stack ${this.#stackName} has no condition ${name}.`);
    if (this.#open.includes(name)) {
      const circle = [...this.#open.slice(this.#open.indexOf(name)), name].join(" → ");
      throw new CloudError(`Stack ${this.#stackName} has conditions that refer to each other in a circle: ${circle}.`);
    }
    this.#open.push(name);
    const holds = evaluate(this.#definitions[name]);
    this.#open.pop();
    this.#known.set(name, holds);
    return holds;
  }
}
