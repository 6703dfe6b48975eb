import { CloudError } from "../shared/errors.ts";
import { asText, isRecord } from "../shared/json.ts";

/** A resource's properties, read by the type that each must have. */
export class Properties {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #owner: string;

  /** `owner` names the resource in errors: `Queue in stack orders`. */
  constructor(values: Readonly<Record<string, unknown>>, owner: string) {
    this.#values = values;
    this.#owner = owner;
  }

  /** @throws CloudError where it is missing. */
  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, "a text");
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    return typeof value === "string" || typeof value === "number" ? String(value) : this.#refuse(name, "a text");
  }

  /** Templates write numbers as text at times. */
  number(name: string): number | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const number = Number(value);
    return Number.isFinite(number) ? number : this.#refuse(name, "a number");
  }

  flag(name: string): boolean {
    const value = this.#values[name];
    return value === true || value === "true";
  }

  /** The properties below a name; none where it is missing. */
  group(name: string): Properties {
    const value = this.#values[name] ?? {};
    return new Properties(isRecord(value) ? value : this.#refuse(name, "an object"), `${name} of ${this.#owner}`);
  }

  /** The members of a list, each with its properties. */
  groups(name: string): Properties[] {
    return this.list(name).map((value, index) => {
      const owner = `${name}[${index}] of ${this.#owner}`;
      return new Properties(isRecord(value) ? value : this.#refuse(name, "a list of objects"), owner);
    });
  }

  list(name: string): unknown[] {
    const value = this.#values[name] ?? [];
    return Array.isArray(value) ? value : this.#refuse(name, "a list");
  }

  /** The value as the template has it. */
  raw(name: string): unknown {
    return this.#values[name];
  }

  /** Those of the named properties that are there, as AWS's attribute maps have them: text as it is, all else as JSON. */
  attributes(names: readonly string[]): Record<string, string> {
    const present = names.filter((name) => this.#values[name] !== undefined);
    return Object.fromEntries(present.map((name) => [name, asText(this.#values[name])]));
  }

  #refuse(name: string, expected: string): never {
    throw new CloudError(`${name} of ${this.#owner} is ${JSON.stringify(this.#values[name])}: expected ${expected}.`);
  }
}
