import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { INBOX_KIND } from "../../contracts/item-attributes.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { RetryLaterError } from "../errors.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import { Inbox, type InboxContext } from "../inbox/inbox.ts";
import type { EventInbox } from "./event-inbox.ts";
import { HomeInbox } from "./home-inbox.ts";
import { marshall } from "../table/attribute-values.ts";
import { type FormerPlaces, type InboxNote, lastUse, readNote, writeNote } from "./inbox-note.ts";

/** The place of events that have records. */
const RECORD = "record";

/**
 * Where a service's inbox lies: in records, in homes, or in both while it moves from one to the other. The table says which places were used before;
 * each execution environment reads it once, and notes a change of the definition there. See docs/decisions/inbox-in-item.md.
 */
export class InboxPlaces {
  readonly #service: ServiceDefinition;
  /** Known once it has been read: a read that is under way is not waited for, since its invocation may have ended before it did. */
  #former: FormerPlaces | undefined;
  /** The places whose entries a write has to keep; known once they have been read. */
  #kept: FormerPlaces | undefined;

  constructor(service: ServiceDefinition) {
    this.#service = service;
  }

  /**
   * The inbox of one event.
   *
   * @throws RetryLaterError when the table says that the inbox has lain in a place that the definition does not name any more: the events
   * wait for a definition that does
   */
  async open(context: InboxContext, event: PublishedEvent): Promise<EventInbox> {
    const { inbox: home } = this.#service;
    this.#former ??= await this.#settle(context);
    const isMoving = this.#requireKnown(this.#former);
    if (!home || !event.header || (home.retired && !isMoving)) return new Inbox(context, event);
    return new HomeInbox(context, home, event.header, event, isMoving);
  }

  /**
   * Makes sure that the entries in items survive the writes of code that handles requests and no events.
   *
   * @throws RetryLaterError when there may be entries in items that the definition does not name: a write of one would drop them
   */
  async requireKept(context: InboxContext): Promise<void> {
    this.#kept ??= await this.#toKeep(context);
    this.#requireKnown(this.#kept);
  }

  /** @returns whether a former place is in use */
  #requireKnown(former: FormerPlaces): boolean {
    const { inbox, name } = this.#service;
    const inUse = Object.entries(former).filter(([, until]) => isLive(until));
    const lost = inUse.find(([place]) => place !== RECORD && (!inbox || place !== placeOf(inbox)));
    if (!lost) return inUse.length > 0;
    const [entity, until] = [lost[0].slice(lost[0].indexOf(":") + 1), new Date(lost[1] * 1_000).toISOString()];
    throw new RetryLaterError(
      `service ${name}: until ${until} its inbox also lies in its ${entity} items: expected \`inbox\` in its definition to name them, with \`retired\` if they are not used any more`,
    );
  }

  /** Notes in the table that the definition's place is in use, where that is news, and returns the former ones. */
  async #settle(context: InboxContext): Promise<FormerPlaces> {
    const { inbox } = this.#service;
    const place = inbox && !inbox.retired ? placeOf(inbox) : RECORD;
    for (;;) {
      const note = await readNote(context);
      if (note?.place === place) return note.former;
      if (!inbox) {
        const former = await this.#withoutHome(context, note);
        if (former) return former;
        continue;
      }
      const until = lastUse(context);
      const { [place]: _, ...before } = note?.former ?? {};
      // A table that was in use without a note had records, but not one that has only been filled by other means.
      const last = note ? { [note.place]: until } : (await isWithoutRecords(context)) ? {} : { [RECORD]: until };
      const former = { ...before, ...last };
      if (await writeNote(context, { place, former, version: note?.version ?? 0 })) return former;
    }
  }

  /** The places that the table knows of. A request puts no entry anywhere, so its definition's place is not noted. */
  async #toKeep(context: InboxContext): Promise<FormerPlaces> {
    for (;;) {
      const note = await readNote(context);
      if (this.#service.inbox) return note ? { ...note.former, [note.place]: lastUse(context) } : {};
      const former = await this.#withoutHome(context, note);
      if (former) return former;
    }
  }

  /**
   * The former places as a definition without a home has to see them; undefined when the note has changed meanwhile. It notes its records too,
   * so that newer code that starts beside it on an empty table knows of them. A home that others use stays noted: they have no records.
   */
  async #withoutHome(context: InboxContext, note: InboxNote | undefined): Promise<FormerPlaces | undefined> {
    if (!note) return (await writeNote(context, { place: RECORD, former: {}, version: 0 })) ? {} : undefined;
    if (this.#isBehind(note)) return (await extendRecords(context, note)) ? {} : undefined;
    return { ...note.former, [note.place]: lastUse(context) };
  }

  /** Whether the definition is from before a change that the table knows of, and newer functions still use records too. */
  #isBehind({ former }: InboxNote): boolean {
    return !this.#service.inbox && isLive(former[RECORD]);
  }
}

/** Has newer functions use records for as long after this one, which knows nothing else. */
function extendRecords(context: InboxContext, note: InboxNote): Promise<boolean> {
  return writeNote(context, { ...note, former: { ...note.former, [RECORD]: lastUse(context) } });
}

/** Whether a table without a note has never had a record, which is sure if its first page is all of it. */
async function isWithoutRecords({ clients, config }: InboxContext): Promise<boolean> {
  const { Count, LastEvaluatedKey } = await clients.dynamodb.send(
    new ScanCommand({
      TableName: config.table,
      ConsistentRead: true,
      Select: "COUNT",
      FilterExpression: "begins_with(pk, :records)",
      ExpressionAttributeValues: marshall({ ":records": `${INBOX_KIND}#` }),
    }),
  );
  return Count === 0 && !LastEvaluatedKey;
}

function placeOf({ entity }: { readonly entity: { readonly name: string } }): string {
  return `home:${entity.name}`;
}

function isLive(until: number | undefined): boolean {
  return until !== undefined && until > Date.now() / 1_000;
}
