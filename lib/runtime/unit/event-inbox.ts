import type { ItemKey } from "../../contracts/entity.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import type { GuardedAction } from "../table/commit.ts";
import type { Reads } from "./reads.ts";
import type { Write } from "./writes.ts";

/** What an inbox needs to know of the unit of work that is committed. */
export interface Work {
  readonly reads: Reads;
  /** How the unit writes the event's home, if it does. */
  readonly own?: Write | undefined;
  /** How many actions the transaction has besides the inbox's. */
  readonly others: number;
}

/**
 * Where a consumer remembers one event, for as long as one delivery of it is handled. The place depends on the event and the service's
 * definition alone, never on what the handler does: so all commits for one event meet there, and one of them wins.
 */
export interface EventInbox {
  readonly event: PublishedEvent;
  /** The item in which the event is remembered, if handlers write it too: the inbox's actions then make the unit's write of it. */
  readonly home?: ItemKey;
  /** The events that checkpoints of earlier runs have stored, as far as known. */
  readonly stored: readonly OutgoingEvent[];
  /** How many checkpoints have stored events, as far as known. */
  readonly checkpoints: number;
  /**
   * Reads the inbox, once per run of the handler.
   *
   * @param reads what the unit of work has read, if there is one yet; an item that it has not read is read for both
   * @throws AlreadyHandledError when the event has been handled; IdReusedError when another event has its source and id.
   */
  requireNew(reads?: Reads): Promise<void>;
  /** The handler runs again: another delivery may have handled the event meanwhile, so the inbox is to be read again. */
  runsAgain(): void;
  /** The actions that record the event as handled, together with what it emits. */
  handle(outgoing: readonly OutgoingEvent[], work: Work): Promise<GuardedAction[]>;
  /** The actions that store what the event has emitted so far; if that is nothing, they only check that the event is not handled. */
  checkpoint(outgoing: readonly OutgoingEvent[], work: Work): Promise<GuardedAction[]>;
  /** The actions of a checkpoint have been committed. */
  checkpointed(outgoing: readonly OutgoingEvent[], work: Work): void;
  /** Notes that all outgoing events of a handled event are published: then a further copy publishes nothing. */
  markPublished(): Promise<void>;
}
