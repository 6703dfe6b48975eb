import { isRecord } from "../json.ts";
import { type Alternatives, isScalar } from "./condition.ts";
import type { Branch } from "./branch.ts";
import { elementsOf } from "./elements.ts";
import { type Branches, NO_BRANCH, Wanted } from "./wanted.ts";

/**
 * The fields that a pattern asks for, as a tree of the names on the way to them. Matching walks through an event once for all branches,
 * twice where a field may be missing: events come from outside, and 130,000 elements of an array are a legal message.
 */
export class FieldTree {
  readonly #root = new Node();
  readonly #mayMiss: boolean;

  constructor(branches: readonly Branch[]) {
    for (const [index, branch] of branches.entries()) {
      for (const { path, alternatives } of branch.values()) this.#root.add(path.split("."), 1n << BigInt(index), alternatives);
    }
    this.#mayMiss = branches.some((branch) => [...branch.values()].some(({ alternatives }) => alternatives.absent));
  }

  matches(event: unknown): boolean {
    const present = new Set<Node>();
    // A field counts as missing where no object of an array has it, whichever object matches the rest.
    if (this.#mayMiss) collectPresent(event, this.#root, present);
    return new Search(present).at(this.#root, event) !== NO_BRANCH;
  }
}

class Node {
  readonly below = new Map<string, Node>();
  readonly wanted = new Wanted();
  /** Those that ask for something here or below. */
  branches = NO_BRANCH;

  /** Notes what a branch asks of the field at the end of some names. */
  add(names: readonly string[], branch: Branches, alternatives: Alternatives): void {
    this.branches |= branch;
    const [name, ...rest] = names;
    if (name === undefined) return this.wanted.add(branch, alternatives);
    let next = this.below.get(name);
    if (next === undefined) this.below.set(name, (next = new Node()));
    next.add(rest, branch, alternatives);
  }
}

/** The values of an object by the nodes that its longer names lead to, such as `detail.state`; and the nodes on the way. */
interface LongNames {
  readonly values: ReadonlyMap<Node, unknown>;
  readonly passed: ReadonlySet<Node>;
}

/** One event's way through the tree. */
class Search {
  readonly #present: ReadonlySet<Node>;
  readonly #withoutValue = new Map<Node, Branches>();

  constructor(present: ReadonlySet<Node>) {
    this.#present = present;
  }

  /** Of the branches that ask for something at a node or below, those for which a value has it all; of an array, one element. */
  at(node: Node, value: unknown): Branches {
    if (!Array.isArray(value) || value.length === 0) return this.#atElement(node, value);
    let met = NO_BRANCH;
    for (const element of elementsOf(value)) {
      met |= this.#atElement(node, element);
      if (met === node.branches) break;
    }
    return met;
  }

  #atElement(node: Node, value: unknown): Branches {
    let met = isScalar(value) ? node.branches & ~(node.wanted.asking & ~node.wanted.metBy(value)) : this.#unlessPresent(node);
    if (node.below.size === 0 || met === NO_BRANCH) return met;
    const object = isRecord(value) ? value : undefined;
    const long = object && longNames(node, object);
    for (const [name, next] of node.below) {
      const has = object !== undefined && Object.hasOwn(object, name);
      met &= ~next.branches | (has ? this.at(next, object[name]) : this.#elsewhere(next, long));
      if (met === NO_BRANCH) break;
    }
    return met;
  }

  /** At a node whose name an object lacks: it may be the beginning of a longer one. */
  #elsewhere(node: Node, long: LongNames | undefined): Branches {
    if (!long?.passed.has(node)) return this.#without(node);
    if (long.values.has(node)) return this.at(node, long.values.get(node));
    let met = this.#unlessPresent(node);
    for (const next of node.below.values()) met &= ~next.branches | this.#elsewhere(next, long);
    return met;
  }

  /** At a node of which an object has nothing. */
  #without(node: Node): Branches {
    const known = this.#withoutValue.get(node);
    if (known !== undefined) return known;
    let met = this.#unlessPresent(node);
    for (const next of node.below.values()) met &= ~next.branches | this.#without(next);
    this.#withoutValue.set(node, met);
    return met;
  }

  #unlessPresent(node: Node): Branches {
    const { asking, absent } = node.wanted;
    return node.branches & ~(this.#present.has(node) ? asking : asking & ~absent);
  }
}

/** Notes the nodes at which an event has any text, number, boolean or null. */
function collectPresent(value: unknown, node: Node, present: Set<Node>): void {
  if (Array.isArray(value)) {
    for (const element of elementsOf(value)) if (!Array.isArray(element)) collectPresent(element, node, present);
  } else if (isScalar(value)) present.add(node);
  else if (isRecord(value) && node.below.size > 0) {
    for (const [name, member] of Object.entries(value)) {
      const next = name.includes(".") ? wayOf(name, node).at(-1) : node.below.get(name);
      if (next) collectPresent(member, next, present);
    }
  }
}

function longNames(node: Node, object: Readonly<Record<string, unknown>>): LongNames | undefined {
  let values: Map<Node, unknown> | undefined;
  let passed: Set<Node> | undefined;
  for (const name of Object.keys(object)) {
    if (!name.includes(".")) continue;
    const way = wayOf(name, node);
    const last = way.at(-1);
    if (last === undefined) continue;
    (values ??= new Map<Node, unknown>()).set(last, object[name]);
    passed ??= new Set();
    for (const each of way) passed.add(each);
  }
  return values && passed && { values, passed };
}

/** The nodes that a name leads through, part by part; none where it leads out of the tree. */
function wayOf(name: string, from: Node): Node[] {
  const way: Node[] = [];
  let node: Node | undefined = from;
  for (const part of name.split(".")) {
    node = node.below.get(part);
    if (node === undefined) return [];
    way.push(node);
  }
  return way;
}
