import { isRecord } from "../json.ts";
import { type Alternatives, isScalar, meets } from "./condition.ts";
import type { Branch } from "./branch.ts";

/** The fields that one branch of a pattern asks for, as a tree of the names on the way to them. */
export class FieldTree {
  readonly #root = new Node();
  /** Fields that may be missing, with the names on the way to them. */
  readonly #optional: readonly (readonly [Node, readonly string[]])[];

  constructor(branch: Branch) {
    const optional: [Node, readonly string[]][] = [];
    for (const { path, alternatives } of branch.values()) {
      const names = path.split(".");
      const leaf = names.reduce((node, name) => node.at(name), this.#root);
      leaf.alternatives = alternatives;
      if (alternatives.absent) optional.push([leaf, names]);
    }
    this.#optional = optional;
  }

  matches(event: unknown): boolean {
    // A field counts as missing where no object of an array has it, whichever object matches the rest.
    const missing = new Set(this.#optional.filter(([, names]) => !hasValue(event, names)).map(([leaf]) => leaf));
    return this.#root.matches(event, missing);
  }
}

class Node {
  readonly #below = new Map<string, Node>();
  alternatives: Alternatives | undefined;

  at(name: string): Node {
    let node = this.#below.get(name);
    if (node === undefined) this.#below.set(name, (node = new Node()));
    return node;
  }

  /** Whether a value has everything that is asked for here and below; of an array, one element that has it all. */
  matches(value: unknown, missing: ReadonlySet<Node>): boolean {
    if (Array.isArray(value) && value.length > 0) return value.some((element: unknown) => this.matches(element, missing));
    if (!this.#matchesLeaf(value, missing)) return false;
    for (const [name, node] of this.#below) if (!node.#matchesMember(value, name, missing)) return false;
    return true;
  }

  #matchesLeaf(value: unknown, missing: ReadonlySet<Node>): boolean {
    if (this.alternatives === undefined) return true;
    return isScalar(value) ? meets(value, this.alternatives) : missing.has(this);
  }

  /** Looks for this node's name in an object; where the object lacks it, for longer names that begin with it and a dot. */
  #matchesMember(value: unknown, name: string, missing: ReadonlySet<Node>): boolean {
    if (isRecord(value) && Object.hasOwn(value, name)) return this.matches(value[name], missing);
    if (!this.#matchesLeaf(undefined, missing)) return false;
    for (const [next, node] of this.#below) if (!node.#matchesMember(value, `${name}.${next}`, missing)) return false;
    return true;
  }
}

/** Whether a value has any text, number, boolean or null at the end of some names. */
function hasValue(value: unknown, names: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((element: unknown) => hasValue(element, names));
  if (names.length === 0) return isScalar(value);
  if (!isRecord(value)) return false;
  return names.some((_, index) => {
    const name = names.slice(0, index + 1).join(".");
    return Object.hasOwn(value, name) && hasValue(value[name], names.slice(index + 1));
  });
}
