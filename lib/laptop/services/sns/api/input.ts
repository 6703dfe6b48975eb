import { isRecord } from "../../../shared/json.ts";
import { invalidParameter } from "../refusals.ts";

/** The input of a call, which has the action's shape. */
export class Input {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  /** A text that the shape demands. */
  text(name: string): string {
    return this.optional(name) ?? "";
  }

  optional(name: string): string | undefined {
    const value = this.#members[name];
    return typeof value === "string" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#members[name] === true;
  }

  list(name: string): readonly unknown[] {
    const value = this.#members[name];
    return Array.isArray(value) ? value : [];
  }

  inputs(name: string): readonly Input[] {
    return this.list(name).map((value) => new Input(isRecord(value) ? value : {}));
  }

  group(name: string): Readonly<Record<string, unknown>> {
    const value = this.#members[name];
    return isRecord(value) ? value : {};
  }

  texts(name: string): Record<string, string> {
    return Object.fromEntries(Object.entries(this.group(name)).map(([key, value]) => [key, String(value)]));
  }

  /** `Tags: [{ Key, Value }]` by key. @throws AwsError for two of one key */
  tags(): Record<string, string> {
    const tags = this.inputs("Tags").map((tag) => [tag.text("Key"), tag.text("Value")] as const);
    const byKey = Object.fromEntries(tags);
    if (Object.keys(byKey).length < tags.length) throw invalidParameter("Duplicated keys are not allowed.");
    return byKey;
  }
}
