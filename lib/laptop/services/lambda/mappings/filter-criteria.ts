import { CloudError, messageOf } from "../../../shared/errors.ts";
import { isRecord } from "../../../shared/json.ts";
import { faultOf, matchesPattern } from "../../../shared/event-pattern.ts";

/** Patterns of which a record must match one; none: every record passes. */
export type Filters = readonly Readonly<Record<string, unknown>>[];

/**
 * Reads the FilterCriteria of an event source mapping: `{ Filters: [{ Pattern: "<JSON>" }] }`.
 *
 * @param owner names the mapping in errors
 * @throws CloudError for a pattern that Lambda would refuse.
 */
export function parseFilters(criteria: unknown, owner: string): Filters {
  const filters = isRecord(criteria) && Array.isArray(criteria["Filters"]) ? criteria["Filters"].filter(isRecord) : [];
  return filters.map(({ Pattern: text }) => {
    const pattern = parse(text, owner);
    const fault = faultOf(pattern);
    if (fault !== undefined || !isRecord(pattern)) throw new CloudError(`Filter criteria of ${owner}: ${fault}.`);
    return pattern;
  });
}

/** Whether a record of a stream passes. */
export function passes(record: unknown, filters: Filters): boolean {
  return filters.length === 0 || filters.some((pattern) => matchesPattern(pattern, record));
}

/**
 * Whether a record of a queue passes. A pattern of JSON for the body never matches a body that is no JSON, nor a pattern of
 * text one that is. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export function queueRecordPasses(record: { readonly body: string }, filters: Filters): boolean {
  if (filters.length === 0) return true;
  const body = parsedBody(record.body);
  return filters.some((pattern) => {
    const { body: bodyPattern, ...metadata } = pattern;
    if (!matchesPattern(metadata, record)) return false;
    if (bodyPattern === undefined) return true;
    return isRecord(bodyPattern)
      ? isRecord(body) && matchesPattern(bodyPattern, body)
      : !isRecord(body) && matchesPattern({ body: bodyPattern }, record);
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

function parse(text: unknown, owner: string): unknown {
  try {
    const pattern: unknown = JSON.parse(String(text));
    return pattern;
  } catch (error) {
    throw new CloudError(`Filter criteria of ${owner} have a pattern that is no JSON: ${messageOf(error)}.`);
  }
}
