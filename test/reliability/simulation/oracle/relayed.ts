import { listOf, textOf } from "../checks/fields.ts";
import type { Report } from "../checks/report.ts";
import type { Environment } from "../cloud/environment.ts";
import { readEmitted } from "./outgoing.ts";

/** What the relay publishes: while one of its processes lives, it publishes nothing twice. */
export class Relayed {
  readonly #report: Report;
  readonly #published = new WeakMap<Environment, Set<string>>();

  constructor(report: Report) {
    this.#report = report;
  }

  publishes(environment: Environment, input: unknown): void {
    const published = this.#published.get(environment);
    const again = entriesIn(input).find(({ name }) => published?.has(name));
    if (again) this.#report("the relay publishes again only what may not be published", again.name);
  }

  /** SNS has answered, and the relay has the answer. */
  hasPublished(environment: Environment, input: unknown, output: unknown): void {
    const published = this.#published.get(environment) ?? new Set();
    this.#published.set(environment, published);
    const taken = new Set(listOf(output, "Successful").map((entry) => textOf(entry, "Id")));
    for (const { id, name } of entriesIn(input)) if (taken.has(id)) published.add(name);
  }
}

/** The entries of a PublishBatch, and the event in each. */
function entriesIn(input: unknown): { readonly id: string; readonly name: string }[] {
  return listOf(input, "PublishBatchRequestEntries").map((entry) => {
    const event = readEmitted(textOf(entry, "Message"));
    return { id: textOf(entry, "Id"), name: `${event?.type} ${event?.id}` };
  });
}
