import type { AnyEntityDefinition } from "./entity.ts";
import type { AnyEventDefinition } from "./event.ts";
import { checkName } from "./definition-names.ts";

/** A service as plain data: the constructs deploy it, the runtime runs it, the documents describe it. */
export interface ServiceDefinition<
  Consumed extends readonly AnyEventDefinition[] = readonly AnyEventDefinition[],
  Published extends readonly AnyEventDefinition[] = readonly AnyEventDefinition[],
  Owned extends readonly AnyEntityDefinition[] = readonly AnyEntityDefinition[],
> {
  /** The name of its folder in `functions/`: lower case, digits and dashes. */
  readonly name: string;
  /** Its one task, in a sentence. */
  readonly description: string;
  /** The events it handles: its queue receives only these. */
  readonly consumes: Consumed;
  /** The events it may emit: its role may publish only to their topics. */
  readonly publishes: Published;
  /** The kinds of items in its table. */
  readonly owns: Owned;
  /**
   * Names of settings that the operator provides per stage, each as the SSM parameter `/fanfare/<stage>/<service>/<NAME>`. The
   * function gets it as the environment variable `<NAME>`. Not for secrets.
   */
  readonly settings?: readonly string[];
  /** Lets the service send e-mail through SES from the stage's sender address, passed in `EMAIL_FROM`. */
  readonly sendsEmail?: boolean;
  /**
   * Gives the service a standard queue although it consumes from FIFO topics: it receives their events in any order, and may
   * consume from standard topics as well. @default false
   */
  readonly unordered?: boolean;
  /** The function's timeout. @default 30 */
  readonly timeoutSeconds?: number;
  /** Records per invocation, 1 to 10. @default 10 */
  readonly batchSize?: number;
  /** Most concurrent invocations, 2 to 1,000. @default 10 */
  readonly maximumConcurrency?: number;
}

/**
 * Declares a service.
 *
 * @throws Error when the name is not lower case, an event is named twice, or FIFO and standard topics are mixed in one queue.
 */
export function defineService<
  const Consumed extends readonly AnyEventDefinition[],
  const Published extends readonly AnyEventDefinition[],
  const Owned extends readonly AnyEntityDefinition[],
>(
  name: string,
  description: string,
  rest: Omit<ServiceDefinition<Consumed, Published, Owned>, "name" | "description">,
): ServiceDefinition<Consumed, Published, Owned> {
  const definition = { name, description, ...rest };
  // Checked wherever definitions are loaded, such as synthesis and tests. Bundles drop statements with this label.
  DEFINITION_CHECKS: checkService(definition);
  return definition;
}

/** @throws Error as `defineService` says. */
function checkService({ name, consumes, publishes, unordered }: ServiceDefinition): void {
  checkName("service", name);
  for (const [field, events] of [
    ["consumes", consumes],
    ["publishes", publishes],
  ] as const) {
    const types = events.map((event) => event.type);
    const twice = types.find((type, index) => types.indexOf(type) !== index);
    if (twice) throw new Error(`service ${name}: ${field} names ${twice} twice`);
  }
  const kinds = new Set(consumes.map(({ topic }) => topic.fifo === true));
  if (kinds.size > 1 && !unordered) {
    throw new Error(
      `service ${name}: it consumes from FIFO and standard topics, but has one queue: split it, or make it unordered`,
    );
  }
}

/** Whether a service's queue is FIFO: it then handles the events of one subject in the order they were published. */
export function isOrdered({ consumes, unordered }: Pick<ServiceDefinition, "consumes" | "unordered">): boolean {
  return !unordered && consumes.some(({ topic }) => topic.fifo);
}
