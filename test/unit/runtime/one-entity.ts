import { type AnyEntityDefinition, defineService, type ServiceDefinition } from "#lib/contracts/index.ts";
import { consumer, type ConsumerOptions, type UnitOfWork } from "#lib/runtime/index.ts";
import { invoke, memoryLog, toolWanted, wanted, type Workshop } from "./workshop.ts";

/** A service that owns and queries one entity. */
export type Owning<Entity extends AnyEntityDefinition> = ServiceDefinition<
  readonly [typeof toolWanted],
  readonly [],
  readonly [Entity],
  readonly [Entity]
>;

/** What became of the event, and why it failed if it did. */
export interface Handled {
  readonly outcome: unknown;
  readonly reason: unknown;
  readonly deadLetters: ReturnType<Workshop["deadLetters"]>;
}

/** Handles one event, in the workshop's table, in a service that owns and queries one entity. */
export async function handleWith<Entity extends AnyEntityDefinition>(
  workshop: Workshop,
  entity: Entity,
  work: (unit: UnitOfWork<Owning<Entity>>) => unknown,
  options: ConsumerOptions = {},
): Promise<Handled> {
  const service: Owning<Entity> = defineService("workshop", "Keeps one kind of item.", {
    consumes: [toolWanted],
    publishes: [],
    owns: [entity],
    queries: [entity],
  });
  const { log, lines } = memoryLog();
  const event = wanted("any");
  const handler = consumer(
    service,
    async (_, unit) => {
      await work(unit);
    },
    { config: workshop.config, clients: workshop.clients, log, ...options },
  );
  await invoke(handler, [{ messageId: event.id, body: JSON.stringify(event) }]);
  const { outcome, reason } = lines.at(-1)?.details ?? {};
  return { outcome, reason, deadLetters: workshop.deadLetters(event) };
}
