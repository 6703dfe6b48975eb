/** What the names of topics, services and entities are made of. */
const NAME = /^[a-z][a-z0-9-]*$/;

/** @throws Error when the name has characters other than lower-case letters, digits and dashes. */
export function checkName(what: "topic" | "service" | "entity", name: string): void {
  if (!NAME.test(name)) {
    throw new Error(`${what} name "${name}": expected lower-case letters, digits and dashes, like orders`);
  }
}

/** The first name that a list has twice; undefined when each is there once. */
export function doubled(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
