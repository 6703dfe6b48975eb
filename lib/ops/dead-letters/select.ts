import { OpsError } from "../errors.ts";
import { type DeadLetter, ENVELOPE_FIELDS, parsedBody, REASON_FIELDS, reasonLine } from "./letter.ts";

/** Which letters are selected: all, those with some ids (of message or event), or those that match every filter. */
export interface Choice {
  readonly ids?: readonly string[] | undefined;
  /** Each is part of the type or the reason, or `field=value`. */
  readonly filters?: readonly string[] | undefined;
}

/** Selects letters, and remembers which ids it has found. */
export class Selection {
  readonly #ids: ReadonlySet<string> | undefined;
  readonly #filters: readonly Filter[];
  readonly #found = new Set<string>();

  /** @throws OpsError when a filter names a field that letters do not have. */
  constructor({ ids, filters = [] }: Choice) {
    this.#ids = ids && new Set(ids);
    this.#filters = filters.map(filterOf);
  }

  matches(letter: DeadLetter): boolean {
    if (!this.#hasId(letter)) return false;
    return this.#filters.every((filter) => filter(letter));
  }

  /** The ids that no letter has had so far. */
  get missing(): string[] {
    return [...(this.#ids ?? [])].filter((id) => !this.#found.has(id));
  }

  #hasId({ messageId, event }: DeadLetter): boolean {
    if (!this.#ids) return true;
    const known = [messageId, event.id].filter((id) => id !== undefined && this.#ids?.has(id));
    for (const id of known) this.#found.add(id!);
    return known.length > 0;
  }
}

type Filter = (letter: DeadLetter) => boolean;

function filterOf(text: string): Filter {
  const { field, value } = /^(?<field>\w[\w.-]*)=(?<value>.*)$/s.exec(text)?.groups ?? {};
  if (field !== undefined && value !== undefined) return fieldFilter(field, value);
  const sought = text.toLowerCase();
  return (letter) =>
    [letter.event.type ?? "", reasonLine(letter), letter.reason?.errorMessage ?? ""].some((shown) =>
      shown.toLowerCase().includes(sought),
    );
}

function fieldFilter(field: string, value: string): Filter {
  const ofEvent = ENVELOPE_FIELDS.find((name) => name === field);
  if (ofEvent) return ({ event }) => event[ofEvent] === value;
  const ofReason = REASON_FIELDS.find((name) => name === field);
  if (ofReason) return ({ reason }) => reason?.[ofReason] === value;
  const path = field.split(".");
  if (path[0] === "data" && path.length > 1) return (letter) => textAt(parsedBody(letter), path) === value;
  const known = [...ENVELOPE_FIELDS, ...REASON_FIELDS.filter((name) => name !== "errorStack")].join(", ");
  throw new OpsError(`letters cannot be filtered by "${field}": expected ${known} or data.<field>`);
}

/** A string, number or boolean in a JSON document, as text. */
function textAt(value: unknown, path: readonly string[]): string | undefined {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = new Map<string, unknown>(Object.entries(at)).get(key);
  }
  return typeof at === "string" || typeof at === "number" || typeof at === "boolean" ? String(at) : undefined;
}
