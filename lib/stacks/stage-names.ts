import { ConfigurationError } from "../constructs/configuration-error.ts";
import type { Stage, Stages } from "./stage.ts";

/** A stage's name, or the form of one: names of resources begin with it, and the longest leaves room for a service's. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*(-\*)?$/;
const CHARACTERS = 16;

/** What `*` stands for: one part of a name, so that no preview's name begins with another one's. */
const PART = "[a-z0-9]+";

/**
 * The stage of a name, by an entry of that name or of its form.
 *
 * @throws ConfigurationError when there is none, or the stages' names are not fit for AWS or for each other.
 */
export function stageNamed(stages: Stages, name: unknown): Stage {
  const forms = Object.keys(stages);
  checkForms(forms);
  const form = typeof name === "string" ? forms.find((one) => isOfForm(name, one)) : undefined;
  if (typeof name !== "string" || form === undefined) {
    throw new ConfigurationError(
      `unknown stage ${JSON.stringify(name)}: expected ${forms.join(" or ")}, as in -c stage=dev; stages are added in bin/stages.ts`,
    );
  }
  if (name.length > CHARACTERS) {
    throw new ConfigurationError(`stage ${name}: the name has ${name.length} characters: expected ${CHARACTERS} at most`);
  }
  return { ...stages[form]!, name };
}

/** Whether a name is that of a stage, or of the form of one. */
export function isStageName(stages: Stages, name: string): boolean {
  return name.length <= CHARACTERS && Object.keys(stages).some((form) => isOfForm(name, form));
}

function isOfForm(name: string, form: string): boolean {
  return new RegExp(`^${form.replace("*", PART)}$`).test(name);
}

/** Tools find a stage's resources by the prefix of their names: no stage's may begin with another's. */
function checkForms(forms: readonly string[]): void {
  for (const form of forms) {
    if (!NAME.test(form) || form.length > CHARACTERS) {
      throw new ConfigurationError(
        `stage ${form}: expected up to ${CHARACTERS} lower-case letters, digits and single dashes, or a form like pr-*; change it in bin/stages.ts`,
      );
    }
    const within = forms.find((other) => form.startsWith(`${other}-`));
    if (within !== undefined) {
      throw new ConfigurationError(
        `stage ${form}: names of its resources begin like those of stage ${within}: rename one of them in bin/stages.ts`,
      );
    }
  }
}
