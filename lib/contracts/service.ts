import type { AnyEntityDefinition } from "./entity.ts";
import type { AnyEventDefinition } from "./event.ts";
import { checkService } from "./definition-checks.ts";

/** What a service is, as plain data. The constructs build it, the runtime runs it, the documents describe it. */
export interface ServiceDefinition<
  Consumed extends readonly AnyEventDefinition[] = readonly AnyEventDefinition[],
  Published extends readonly AnyEventDefinition[] = readonly AnyEventDefinition[],
  Owned extends readonly AnyEntityDefinition[] = readonly AnyEntityDefinition[],
> {
  /** The name of its folder in `functions/`: lower case, digits and dashes. */
  readonly name: string;
  /** Its one task, in a sentence. */
  readonly description: string;
  /** The events it handles. Its queue receives these and no others. */
  readonly consumes: Consumed;
  /** The events it may emit. Its role may publish to their topics and no others. */
  readonly publishes: Published;
  /** The kinds of items in its table. */
  readonly owns: Owned;
  /**
   * Names of settings that the operator gives per stage: each is the SSM parameter `/fanfare/<stage>/<service>/<NAME>`
   * and reaches the function as the environment variable `<NAME>`. Not for secrets.
   */
  readonly settings?: readonly string[];
  /** Lets the service send e-mail through SES from the stage's sender address, found in `EMAIL_FROM`. */
  readonly sendsEmail?: boolean;
  /**
   * Gives the service a standard queue although it consumes from FIFO topics: it has their events in any order, and may
   * consume from standard topics beside them. @default false
   */
  readonly unordered?: boolean;
  /** Seconds that one invocation may take. @default 30 */
  readonly timeoutSeconds?: number;
  /** Records of one invocation, 1 to 10. @default 10 */
  readonly batchSize?: number;
  /** Invocations side by side at the most, 2 to 1,000. @default 10 */
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
  DEFINITION_CHECKS: checkService(definition);
  return definition;
}

/** Whether a service's queue is FIFO: it then handles the events of one subject in the order of their publication. */
export function isOrdered({ consumes, unordered }: Pick<ServiceDefinition, "consumes" | "unordered">): boolean {
  return !unordered && consumes.some(({ topic }) => topic.fifo);
}
