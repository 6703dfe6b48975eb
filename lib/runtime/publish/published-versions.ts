import { type Envelope, schemaUri } from "../../contracts/envelope.ts";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import { validate } from "../../contracts/validate.ts";

/** One version of an event, as it is published. */
export interface PublishedVersion {
  readonly definition: AnyEventDefinition;
  readonly envelope: Envelope;
  /** The type of the next newer version of the same event that is published with it. @default - none is newer */
  readonly newerVersion?: string;
}

/**
 * All versions in which an event is published, the newest first: the envelope itself, and one for each version that the definition
 * downcasts to. They are one event, with the same source, id, subject and time.
 *
 * @throws InvalidEventError when a downcast makes of the data what the older version refuses.
 */
export function publishedVersions(
  definition: AnyEventDefinition,
  envelope: Envelope,
  newerVersion?: string,
): [PublishedVersion, ...PublishedVersion[]] {
  const older = (definition.downcasts ?? []).flatMap(({ to, convert }) => {
    const { type, schema }: AnyEventDefinition = to;
    const data = validate<unknown>(schema, convert(envelope.data), `${type}, downcast from ${definition.type}`);
    return publishedVersions(to, { ...envelope, type, dataschema: schemaUri(type), data }, definition.type);
  });
  return [{ definition, envelope, ...(newerVersion !== undefined && { newerVersion }) }, ...older];
}
