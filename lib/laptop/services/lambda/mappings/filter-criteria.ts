import { CloudError } from "../../../shared/errors.ts";
import { EventPattern } from "../../../shared/event-pattern/event-pattern.ts";
import { InvalidPattern } from "../../../shared/event-pattern/invalid-pattern.ts";
import { isRecord } from "../../../shared/json.ts";

/** Patterns of which a record must match one; none: every record passes. */
export type Filters = readonly EventPattern[];

/**
 * Reads the FilterCriteria of an event source mapping: `{ Filters: [{ Pattern: "<JSON>" }] }`.
 *
 * @param owner names the mapping in errors
 * @throws CloudError for a pattern that Lambda would refuse.
 */
export function parseFilters(criteria: unknown, owner: string): Filters {
  const filters = isRecord(criteria) && Array.isArray(criteria["Filters"]) ? criteria["Filters"].filter(isRecord) : [];
  return filters.map(({ Pattern: text }) => parse(String(text), owner));
}

/** Whether a record of a stream passes. */
export function passes(record: unknown, filters: Filters): boolean {
  return filters.length === 0 || filters.some((pattern) => pattern.matches(record));
}

/**
 * Whether a record of a queue passes. A pattern for fields of the body never matches a body that is no JSON object, nor a pattern for its
 * text one that is. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export function queueRecordPasses(record: { readonly body: string }, filters: Filters): boolean {
  if (filters.length === 0) return true;
  const body = parsedBody(record.body);
  const isJson = isRecord(body);
  const event = isJson ? { ...record, body } : record;
  return filters.some((pattern) => {
    const wanted = pattern.asksFor("body");
    return (wanted === undefined || (wanted === "fields") === isJson) && pattern.matches(event);
  });
}

function parsedBody(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return value;
  } catch {
    return undefined;
  }
}

/** Characters of a pattern: lambda/latest/api/API_Filter. */
const LONGEST = 4_096;

function parse(text: string, owner: string): EventPattern {
  if (text.length > LONGEST)
    throw new CloudError(`Filter criteria of ${owner}: a pattern has ${text.length} characters: expected ${LONGEST} at most.`);
  try {
    return new EventPattern(text);
  } catch (thrown) {
    if (!(thrown instanceof InvalidPattern)) throw thrown;
    // What follows the reason is the pattern again, and a place in it.
    const [reason] = thrown.message.split("\n");
    throw new CloudError(`Filter criteria of ${owner}: the pattern ${text} is not valid: ${reason}.`);
  }
}
