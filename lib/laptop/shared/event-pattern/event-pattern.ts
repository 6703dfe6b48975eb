import { type Dialect, eventBridge } from "./dialect.ts";
import type { Branch } from "./branch.ts";
import { JsonTokens } from "./json-tokens.ts";
import { readBranches } from "./read-branches.ts";
import { FieldTree } from "./field-tree.ts";

/**
 * An event pattern of EventBridge, as event buses, pipes and Lambda's event filtering have it, compiled: matching looks at each part of an
 * event once. Where fields lie in an array of objects, one object must match them all.
 *
 * Sources: eventbridge/latest/userguide/eb-event-patterns, and github.com/aws/event-ruler, which AWS matches with.
 */
export class EventPattern {
  readonly branches: readonly Branch[];
  readonly #tree: FieldTree;

  /**
   * @param source JSON
   * @param dialect what of the language the service understands
   * @throws InvalidPattern whose message is AWS's reason
   */
  constructor(source: string, dialect: Dialect = eventBridge) {
    const tokens = new JsonTokens(source);
    if (tokens.next() !== "{") throw tokens.refuse("Filter is not an object");
    this.branches = readBranches(tokens, dialect);
    this.#tree = new FieldTree(this.branches);
  }

  /** Whether an event, parsed from JSON, matches. */
  matches(event: unknown): boolean {
    return this.#tree.matches(event);
  }

  /** How it asks for a top-level member: for its own value, for fields below it, or not at all. */
  asksFor(name: string): "value" | "fields" | undefined {
    const paths = this.branches.flatMap((branch) => [...branch.keys()]);
    if (paths.includes(name)) return "value";
    return paths.some((path) => path.startsWith(`${name}.`)) ? "fields" : undefined;
  }
}
