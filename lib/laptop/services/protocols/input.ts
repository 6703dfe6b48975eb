import { isRecord } from "../../shared/json.ts";

/**
 * The input of a call, member by member. Its shape has been checked when it was read, so a member of another type is an error in the
 * shape: these throw TypeError.
 */
export class Input {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? unexpected(name, "text");
  }

  optionalText(name: string): string | undefined {
    const value = this.#members[name];
    return value === undefined || typeof value === "string" ? value : unexpected(name, "text");
  }

  integer(name: string): number | undefined {
    const value = this.#members[name];
    return value === undefined || typeof value === "number" ? value : unexpected(name, "a number");
  }

  /** Empty where it is absent. */
  texts(name: string): string[] {
    return this.#list(name).map((value) => (typeof value === "string" ? value : unexpected(name, "texts")));
  }

  /** Texts by name; empty where it is absent. */
  textMap(name: string): Record<string, string> {
    const entries = Object.entries(this.#record(name));
    return Object.fromEntries(
      entries.map(([key, value]) => [key, typeof value === "string" ? value : unexpected(name, "texts")]),
    );
  }

  /** The structures of a list; empty where it is absent. */
  structures(name: string): Input[] {
    return this.#list(name).map((value) => (isRecord(value) ? new Input(value) : unexpected(name, "structures")));
  }

  /** Structures by name; empty where it is absent. */
  structureMap(name: string): [key: string, value: Input][] {
    return Object.entries(this.#record(name)).map(([key, value]) => [
      key,
      isRecord(value) ? new Input(value) : unexpected(name, "structures"),
    ]);
  }

  #list(name: string): unknown[] {
    const value = this.#members[name] ?? [];
    return Array.isArray(value) ? value : unexpected(name, "a list");
  }

  #record(name: string): Record<string, unknown> {
    const value = this.#members[name] ?? {};
    return isRecord(value) ? value : unexpected(name, "a map");
  }
}

function unexpected(name: string, expected: string): never {
  throw new TypeError(`The shape of ${name} is not what the service takes it for: ${expected}`);
}
