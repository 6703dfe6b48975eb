import type { AnyEventDefinition } from "../event.ts";
import type { JsonObject } from "./json.ts";

/**
 * The keyword that lists what a schema demands beyond JSON Schema: the names of text formats (`iso_timestamp` and `iso_date_time` are
 * one `format`), and the messages of rules in code. For the check of compatibility to compare.
 */
export const RULES = "x-rules";

/** The keyword that has what a contract says of the event besides its data; see {@link EventTerms}. */
export const EVENT = "x-event";

/** What consumers rely on besides the data. */
export interface EventTerms extends JsonObject {
  readonly topic: string;
  readonly fifo: boolean;
  readonly largeEvents: boolean;
  /** The subject of the contract's example. */
  readonly subject: string;
}

/** What an event's definition says besides its data. @param example data to show the subject by */
export function termsOf({ topic, subject }: AnyEventDefinition, example: unknown): EventTerms {
  return { topic: topic.name, fifo: topic.fifo === true, largeEvents: topic.largeEvents === true, subject: subject(example) };
}
