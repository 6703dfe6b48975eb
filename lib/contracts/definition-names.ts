/** What the names of topics and services are made of. */
const NAME = /^[a-z][a-z0-9-]*$/;

/** @throws Error when the name has characters other than lower-case letters, digits and dashes. */
export function checkName(what: "topic" | "service", name: string): void {
  if (!NAME.test(name)) {
    throw new Error(`${what} name "${name}": expected lower-case letters, digits and dashes, like orders`);
  }
}
