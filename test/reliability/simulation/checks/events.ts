import type { Root } from "../shop/workload.ts";

/** What is known of an event from outside. */
export interface KnownEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Where its data lies, when it is not in the body. */
  readonly dataref?: string;
  /** Whether its body is none that a contract allows. */
  readonly poison: boolean;
}

/** Kinds of probes and steps that can never be handled. */
const HOPELESS = new Set<unknown>(["fail", "refuse", "stray", "hang", "exit"]);

/** Every event that is, or may be, published; told apart by what stands in its body. */
export class Events {
  readonly #byBody = new Map<string, KnownEvent>();
  readonly #poison = new Map<string, Root>();
  /** Ids that two events with different content have. */
  readonly reused = new Set<string>();

  constructor(roots: readonly Root[]) {
    const ids = new Map<string, string>();
    for (const { id, type, data } of roots) {
      const content = JSON.stringify([type, data]);
      if ((ids.get(id) ?? content) !== content) this.reused.add(id);
      ids.set(id, content);
    }
    for (const root of roots) if (root.body !== undefined) this.#poison.set(root.body, root);
  }

  /** The event of a body. */
  of(body: string): KnownEvent {
    let known = this.#byBody.get(body);
    if (!known) this.#byBody.set(body, (known = this.#read(body)));
    return known;
  }

  #read(body: string): KnownEvent {
    const poison = this.#poison.get(body);
    if (poison) return { id: poison.id, type: poison.type, data: {}, poison: true };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is no poison was published under its contract
    const { id, type, data, dataref } = JSON.parse(body) as Partial<KnownEvent> & Pick<KnownEvent, "id" | "type">;
    return { id, type, data: data ?? {}, poison: false, ...(dataref !== undefined && { dataref }) };
  }
}

/** Whether a service can never handle the event, so that it has to end as a dead letter. */
export function isHopeless(service: string, { poison, data }: KnownEvent): boolean {
  return poison || ((service === "tally" || service === "sequence") && HOPELESS.has(data["kind"]));
}

/** Whether an event that a service can never handle is to be dead on its first receive. */
export function isRefused(service: string, { poison, data }: KnownEvent): boolean {
  return poison || (service === "tally" && data["kind"] === "refuse") || (service === "sequence" && data["kind"] === "stray");
}
