import { ConditionalCheckFailedException, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { type ItemKey, keyOf } from "../../contracts/entity.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { RetryLaterError } from "../errors.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import { Inbox, type InboxContext } from "../inbox/inbox.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";
import { readItem } from "../table/read-items.ts";
import type { EventInbox } from "./event-inbox.ts";
import { HomeInbox } from "./home-inbox.ts";

/** The place of events that have records. */
const RECORD = "record";

/** Days that a former place is used longer than its youngest entry is kept: for functions that still run the code before. */
const MARGIN_DAYS = 1;

/** The former places of a table's inbox, and until when each is in use, in seconds since 1970. */
type FormerPlaces = Readonly<Record<string, number>>;

/**
 * Where a service's inbox lies: in records, in homes, or in both while it moves from one to the other. The table says which places were used before;
 * each execution environment reads it once, and notes a change of the definition there. See docs/decisions/inbox-in-item.md.
 */
export class InboxPlaces {
  readonly #service: ServiceDefinition;
  /** Known once it has been read: a read that is under way is not waited for, since its invocation may have ended before it did. */
  #former: FormerPlaces | undefined;

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
    const { inbox: home, name } = this.#service;
    this.#former ??= await this.#settle(context);
    const former = Object.entries(this.#former).filter(([, until]) => isLive(until));
    const known = [RECORD, ...(home ? [placeOf(home)] : [])];
    const lost = former.find(([place]) => !known.includes(place));
    if (lost) {
      const [entity, until] = [lost[0].slice(lost[0].indexOf(":") + 1), new Date(lost[1] * 1_000).toISOString()];
      throw new RetryLaterError(
        `service ${name}: until ${until} its inbox also lies in its ${entity} items: expected \`inbox\` in its definition to name them, with \`retired\` if they are not used any more`,
      );
    }
    if (!home || !event.header || (home.retired && former.length === 0)) return new Inbox(context, event);
    return new HomeInbox(context, home, event.header, event, former.length > 0);
  }

  /** Notes in the table that the definition's place is in use, where that is news, and returns the former ones. */
  async #settle(context: InboxContext): Promise<FormerPlaces> {
    const { inbox } = this.#service;
    const place = inbox && !inbox.retired ? placeOf(inbox) : RECORD;
    for (;;) {
      const noted = await this.#noted(context);
      if (!noted && place === RECORD) return {};
      if (noted?.place === place) return noted.former;
      const until = expiryOf(Date.now(), context.config.inboxDays + MARGIN_DAYS);
      // Code from before the change of the definition: newer functions use records too, and have to for as long after this one.
      const isBehind = !inbox && noted !== undefined && isLive(noted.former[RECORD]);
      if (isBehind) {
        if (await this.#note(context, noted.place, { ...noted.former, [RECORD]: until }, noted.version)) return {};
        continue;
      }
      const { [place]: _, ...before } = noted?.former ?? {};
      // A table that was in use without a note had records; one that is empty has had nothing.
      const last = noted ? { [noted.place]: until } : (await this.#isEmpty(context)) ? {} : { [RECORD]: until };
      const former = { ...before, ...last };
      if (await this.#note(context, place, former, noted?.version)) return former;
    }
  }

  async #noted(context: InboxContext): Promise<{ place: string; former: FormerPlaces; version: number } | undefined> {
    const item = await readItem(context, this.#key);
    if (!item) return undefined;
    const { place, former, version } = unmarshall(item);
    if (typeof place !== "string" || !isFormer(former)) throw new Error("the table's note on its inbox is not readable");
    return { place, former, version: Number(version) };
  }

  /** @returns whether the note was made; else another environment was faster */
  async #note(
    { clients, config }: InboxContext,
    place: string,
    former: FormerPlaces,
    version: number | undefined,
  ): Promise<boolean> {
    try {
      await clients.dynamodb.send(
        new PutItemCommand({
          TableName: config.table,
          Item: marshall({ ...this.#key, place, former, version: (version ?? 0) + 1 }),
          ...(version === undefined
            ? { ConditionExpression: "attribute_not_exists(pk)" }
            : {
                ConditionExpression: "#version = :version",
                ExpressionAttributeNames: { "#version": "version" },
                ExpressionAttributeValues: marshall({ ":version": version }),
              }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async #isEmpty({ clients, config }: InboxContext): Promise<boolean> {
    const { Count } = await clients.dynamodb.send(
      new ScanCommand({ TableName: config.table, Limit: 1, ConsistentRead: true, Select: "COUNT" }),
    );
    return Count === 0;
  }

  get #key(): ItemKey {
    return keyOf({ name: "handling" }, [this.#service.name, "inbox places"]);
  }
}

function placeOf({ entity }: { readonly entity: { readonly name: string } }): string {
  return `home:${entity.name}`;
}

function isLive(until: number | undefined): boolean {
  return until !== undefined && until > Date.now() / 1_000;
}

function isFormer(value: unknown): value is FormerPlaces {
  return typeof value === "object" && value !== null && Object.values(value).every((until) => typeof until === "number");
}
