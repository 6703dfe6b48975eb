import type { AnyEventDefinition } from "../event.ts";
import { judge } from "../validate.ts";
import { EVENT, type EventTerms, termsOf } from "./contract-keywords.ts";
import { isJsonArray, isJsonObject, type JsonObject } from "./json.ts";

/** One way in which an event's definition breaks with its published contract, besides its data. */
export interface EventChange {
  /** `topic`, for example. */
  readonly term: string;
  readonly change: string;
  readonly consequence: string;
}

const CONSEQUENCES: Readonly<Record<keyof EventTerms, string>> = {
  topic: "consumers deployed today subscribe to the earlier topic",
  fifo: "the queues of consumers deployed today are of the other kind",
  largeEvents: "a consumer deployed before or after cannot read the data of a large event",
  subject: "consumers deployed today know it by the earlier subject, and a FIFO topic orders by it",
};

/**
 * Compares an event's definition with the terms that its published contract records; a contract of before they were recorded says
 * nothing of them. The subject is compared on the published example.
 */
export function eventChanges(published: JsonObject, event: AnyEventDefinition): EventChange[] {
  const terms = published[EVENT];
  if (!isJsonObject(terms)) return [];
  const { examples } = published;
  const example = isJsonArray(examples) ? judge(event.schema, examples[0], event.type) : { reason: "" };
  // An example that the schema refuses is a break of the schema.
  if ("reason" in example) return [];
  return Object.entries(termsOf(event, example.value)).flatMap(([term, is]) => {
    const was = terms[term];
    if (was === is || was === undefined) return [];
    const change = `changed from ${JSON.stringify(was)} to ${JSON.stringify(is)}`;
    return [{ term, change, consequence: CONSEQUENCES[term] ?? "" }];
  });
}
