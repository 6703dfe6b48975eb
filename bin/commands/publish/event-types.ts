import * as events from "#events";
import type { AnyEventDefinition } from "#lib/contracts/index.ts";
import { nearest } from "#lib/ops/nearest.ts";
import { columns } from "../../terminal/columns.ts";

const definitions: readonly AnyEventDefinition[] = Object.values(events);

/**
 * The contract of an event type.
 *
 * @throws Error that names the nearest types when there is none.
 */
export function findEvent(type: string): AnyEventDefinition {
  const found = definitions.find((event) => event.type === type);
  if (found) return found;
  const near = nearest(
    type,
    definitions.map((event): string => event.type),
  );
  const hint = near.length > 0 ? `, the nearest are ${near.join(", ")}` : "";
  throw new Error(`there is no event type "${type}"${hint}: \`npx fanfare publish --list\` shows all`);
}

/** All types, with topic and description, as lines of a table. */
export function eventTable(): string[] {
  return columns([
    ["TYPE", "TOPIC", "WHAT HAS HAPPENED"],
    ...definitions.map(({ type, topic, description }): string[] => [type, topic.name, description]),
  ]);
}
