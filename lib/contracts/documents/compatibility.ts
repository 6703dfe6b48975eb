import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { check_compat as checkCompatibility, initSync } from "jsoncompat";
import { parseEventType } from "../event-type.ts";
import type { AnyEventDefinition } from "../event.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import { EVENT, RULES } from "./contract-keywords.ts";
import { eventChanges } from "./event-changes.ts";
import { contractSchema } from "./json-schema.ts";
import type { Effect } from "./keyword-changes.ts";
import { schemaChanges } from "./schema-changes.ts";

/** A break with a published contract, in the words of the printed line. */
export interface BreakingChange {
  /** The event's type: `order.placed.v1`. */
  readonly type: string;
  /** The field: `data.lines[].sku`; `data` when it is the event as a whole. */
  readonly path: string;
  /** `made required`, for example. */
  readonly change: string;
  /** Who is affected, and how. */
  readonly consequence: string;
}

const CONSEQUENCES: Readonly<Record<Effect, string>> = {
  "refuses earlier events": "events already in queues and dead-letter queues may be refused",
  "earlier consumers refuse": "consumers deployed today may refuse the new events",
  "earlier consumers miss": "consumers deployed today may read it",
  "reads earlier events differently": "events without the field mean something else to consumers of today and tomorrow",
};

/**
 * Compares an event's definition with its published contract: its topic, subject and data.
 *
 * @returns each break; none when the change is compatible.
 */
export function breaksOf(event: AnyEventDefinition, published: JsonObject): BreakingChange[] {
  const { type } = event;
  const changes = eventChanges(published, event).map(({ term, ...change }) => ({ type, path: term, ...change }));
  const current = contractSchema(event);
  // A contract of before rules were recorded says nothing of them.
  return [...changes, ...breakingChanges(type, published, published[EVENT] ? current : withoutRules(current, type))];
}

/**
 * Compares an event's schema with its published contract, in both directions: consumers deployed before must accept the
 * new publisher's events, and the new consumer must accept events published before. See docs/decisions/contract-compatibility.md.
 *
 * Two checks run: a walk over the fields, which names what has changed, and jsoncompat, which compares what the schemas
 * accept but gives no reason and ignores `format`. Either one makes the change a breaking one.
 *
 * @returns each break; none when the change is compatible.
 */
export function breakingChanges(type: string, published: JsonObject, current: JsonObject): BreakingChange[] {
  const changes = schemaChanges(published, current).map(({ path, change, effect }) => ({
    type,
    path,
    change,
    consequence: CONSEQUENCES[effect],
  }));
  if (changes.length > 0) return changes;
  const verdict = judge(published, current);
  return verdict === "compatible" ? [] : [{ type, path: "data", change: verdict, consequence: "no single field explains it" }];
}

/** A published event that is no longer defined. */
export function removedEvent(type: string): BreakingChange {
  return { type, path: "data", change: "the event is removed", consequence: "consumers deployed today may wait for it" };
}

/** One line about a break: event, field, change, consequence, and what to do instead. */
export function describeBreak({ type, path, change, consequence }: BreakingChange): string {
  const { name, version } = parseEventType(type) ?? { name: type, version: 1 };
  return `${type}: ${path}: ${change}; ${consequence}. Leave ${type} as it is and publish ${name}.v${version + 1} beside it`;
}

function judge(published: JsonObject, current: JsonObject): string {
  loadJudge();
  try {
    const compatible = checkCompatibility(forJudge(published), forJudge(current), "both");
    return compatible ? "compatible" : "jsoncompat finds the new schema incompatible";
  } catch (error) {
    return `jsoncompat cannot judge the new schema: ${String(error)}`;
  }
}

function withoutRules(schema: JsonObject, type: string): JsonObject {
  return parseJsonObject(
    JSON.stringify(schema, (keyword, value: unknown) => (keyword === RULES ? undefined : value)),
    type,
  );
}

/** A schema's text without its `$id`, which jsoncompat refuses. */
function forJudge({ $id: _, ...schema }: JsonObject): string {
  return JSON.stringify(schema);
}

let loaded = false;

/** jsoncompat's own loader fetches its WebAssembly by URL, which Node refuses for files. */
function loadJudge(): void {
  if (loaded) return;
  initSync({ module: readFileSync(fileURLToPath(import.meta.resolve("jsoncompat/jsoncompat_wasm_bg.wasm"))) });
  loaded = true;
}
