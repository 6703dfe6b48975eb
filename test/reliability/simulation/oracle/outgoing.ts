import { property, textOf } from "../checks/fields.ts";
import type { Report } from "../checks/report.ts";
import type { Change } from "../cloud/dynamodb.ts";
import type { Item } from "../cloud/items.ts";
import type { Fact, Facts } from "./facts.ts";
import type { Run } from "./runs.ts";
import { unpacked } from "../../../support/packed-events.ts";

/** The versions in which each event is published: one fact, under one id. */
const VERSIONS = ["program.told.v1", "program.told.v2"];

/** An event that a program has emitted, as it stands in a body. */
export interface Emitted {
  readonly id: string;
  readonly type: string;
  readonly fact: string;
  /** Its name and number. */
  readonly content: string;
}

/** What programs emit: each event is published once its transaction is committed, under one id. */
export class Outgoing {
  readonly #report: Report;
  readonly #facts: Facts;
  readonly #byId = new Map<string, string>();
  readonly #emittedBy = new Map<Run, Map<string, number>>();

  constructor(report: Report, facts: Facts) {
    this.#report = report;
    this.#facts = facts;
  }

  /**
   * A transaction has emitted events. What an earlier run of the same fact has emitted with a checkpoint is not emitted anew
   * when a later run comes past it: the same events are matched, occurrence by occurrence.
   */
  emitted(fact: Fact, run: Run, contents: readonly string[]): void {
    const counts = this.#emittedBy.get(run) ?? new Map<string, number>();
    this.#emittedBy.set(run, counts);
    for (const content of contents) {
      const count = (counts.get(content) ?? 0) + 1;
      counts.set(content, count);
      for (const type of VERSIONS) {
        const name = `${type} ${content}`;
        fact.emitted.set(name, Math.max(count, fact.emitted.get(name) ?? 0));
      }
    }
  }

  /** SNS has taken in an event that a service published. */
  published(body: string): void {
    const event = readEmitted(body);
    if (!event) return this.#report("only what handlers emit is published", body);
    const fact = this.#facts.all.get(event.fact);
    const name = `${event.fact}: ${event.content}`;
    if (!fact) return this.#report("only what handlers emit is published", name);
    const known = this.#byId.get(event.id);
    if (known !== undefined && known !== name)
      this.#report("an outgoing event's id is its own", `${event.id} was ${known}, and is ${name}`);
    this.#byId.set(event.id, name);
    const version = `${event.type} ${event.content}`;
    const ids = fact.published.get(version) ?? new Set();
    fact.published.set(version, ids.add(event.id));
    const emitted = fact.emitted.get(version) ?? 0;
    if (ids.size > emitted) {
      this.#report(
        emitted === 0 ? "nothing is published before its commit" : "an emitted event is published under one id",
        `${event.type} ${name}, ${ids.size} ids for ${emitted} committed`,
      );
    }
  }
}

/** Whether everything that a fact's transactions have emitted is published. */
export function isAllPublished({ emitted, published }: Fact): boolean {
  return [...emitted].every(([content, count]) => (published.get(content)?.size ?? 0) >= count);
}

/** The emitted events that a write has stored, and that were not stored in the same items before. */
export function emittedIn(changes: readonly Change[]): Emitted[] {
  const nameOf = ({ id, content }: Emitted) => `${id} ${content}`;
  const before = new Set(changes.flatMap((change) => storedIn(change.before)).map(nameOf));
  return changes.flatMap(({ after }) => storedIn(after)).filter((emitted) => !before.has(nameOf(emitted)));
}

/** The emitted events that an item stores. */
export function storedIn(item: Item | undefined): Emitted[] {
  const texts: string[] = [];
  // However the runtime keeps what is to be published: the bodies are texts in it.
  const gather = (value: unknown): string =>
    JSON.stringify(value, (name, value: unknown) => {
      if (name === "outgoing" && typeof property(value, "S") === "string") gather(unpacked(property(value, "S")));
      if (typeof value === "string" && value.includes("program.told.")) texts.push(value);
      return value;
    });
  gather(item ?? {});
  return texts.flatMap((text) => readEmitted(text) ?? []);
}

export function readEmitted(body: string): Emitted | undefined {
  if (!body.startsWith("{")) return undefined;
  const event: unknown = JSON.parse(body);
  const data = property(event, "data");
  const [id, type, fact] = [textOf(event, "id"), textOf(event, "type"), textOf(data, "fact")];
  return id && fact ? { id, type, fact, content: `${textOf(data, "what")} ${String(property(data, "n"))}` } : undefined;
}
