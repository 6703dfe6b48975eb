import { edit } from "./dlq/edit.ts";
import { exportLetters } from "./dlq/export.ts";
import { list } from "./dlq/list.ts";
import { purge } from "./dlq/purge.ts";
import { redrive } from "./dlq/redrive.ts";
import { show } from "./dlq/show.ts";

const ACTIONS: ReadonlyMap<unknown, (service: unknown, options: unknown) => Promise<void>> = new Map([
  ["list", list],
  ["show", show],
  ["redrive", redrive],
  ["edit", edit],
  ["purge", purge],
  ["export", exportLetters],
]);

/**
 * `fanfare dlq <action> [service]`: everything about letters that could not be handled, or not be delivered.
 *
 * @throws Error in one line when there is no such action.
 */
export async function dlq(action: unknown, service: unknown, options: unknown): Promise<void> {
  const act = ACTIONS.get(action);
  if (!act) {
    const wrong = typeof action === "string" ? `there is no "dlq ${action}"` : "nothing to do given";
    throw new Error(`${wrong}: expected ${[...ACTIONS.keys()].join(", ")}: see \`npx fanfare dlq --help\``);
  }
  await act(service, options);
}
