import { CloudError } from "../../shared/errors.ts";

/** AWSCloudFormation/latest/UserGuide/cloudformation-limits: "Template body size". What an expression makes of it has no limit of its own there. */
const MOST_CHARACTERS = 1_048_576;

/** The parts of a text one after another, and no longer than a template. A few expressions within each other can double a text each. */
export class LimitedText {
  readonly #stackName: string;
  readonly #parts: string[] = [];
  #length = 0;

  constructor(stackName: string) {
    this.#stackName = stackName;
  }

  /** @throws CloudError where the text becomes longer than a template may be */
  add(part: string): void {
    this.#length += part.length;
    if (this.#length > MOST_CHARACTERS)
      throw new CloudError(
        `Stack ${this.#stackName} makes a text of more than ${MOST_CHARACTERS} characters, which is more than a template may have.`,
      );
    this.#parts.push(part);
  }

  toString(): string {
    return this.#parts.join("");
  }
}
