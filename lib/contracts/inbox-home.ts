import type { AnyEntityDefinition, EntityId } from "./entity.ts";
import type { Envelope } from "./envelope.ts";

/**
 * The item in which a service remembers that it has handled an event, instead of in a record of its own. An event that changes nothing but its
 * home then costs one write unit (up to 1 KB) where the record makes it a transaction of four, and any other event two units less. An event that
 * changes another item, or nothing, is remembered in its home all the same.
 *
 * Worth it where events about one thing change one item. Not where more than some fifty events a month share a home: each entry stays
 * in the item for the inbox's days, and all events of one home are handled in turn.
 */
export interface InboxHome {
  /** One of the service's entities; not one that expires. */
  readonly entity: AnyEntityDefinition;
  /**
   * The id of the event's home, by the event alone: its subject, for example. Must stay the same for an event: to remember events elsewhere,
   * choose another entity. Must not depend on what a copy may say otherwise: one that is published again under the same id has another `time`.
   */
  readonly id: (event: Omit<Envelope, "data">) => EntityId;
  /**
   * Each event has a home that no other has: its id is made of the event's source and id. The home then need not be read before it is
   * put. @default false
   */
  readonly unique?: boolean;
  /**
   * Goes back to records. Leave the home in the definition for the inbox's days: until then both places are asked, and the function says
   * so when it is gone. @default false
   */
  readonly retired?: boolean;
}
